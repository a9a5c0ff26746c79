import { describe } from 'bun:test';
import type { Open } from './conformance/fixture.ts';
import { listsConform } from './conformance/lists.ts';
import { segmentsConform } from './conformance/segments.ts';
import { usersConform } from './conformance/users.ts';

/** Everything any implementation of the store must do, against its interface alone. */
export function storeConforms(name: string, open: Open) {
  describe(`${name}: store`, () => {
    for (const conforms of [usersConform, listsConform, segmentsConform]) conforms(open);
  });
}
