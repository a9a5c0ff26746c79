import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { Store } from '../store/store.ts';
import { AttributesAnswer } from './model.ts';

/** What attributes there are: for typeahead, and to see what Segment sends. */
export const attributeRoutes = ({ store }: { store: Store }) =>
  new Elysia({ prefix: '/attributes', tags: ['Users'] }).use(api).get(
    '',
    async () => {
      const attributes = await store.listAttributes();
      return {
        data: attributes.map(({ firstSeenAt, lastSeenAt, ...rest }) => ({
          ...rest,
          firstSeenAt: new Date(firstSeenAt).toISOString(),
          lastSeenAt: new Date(lastSeenAt).toISOString(),
        })),
      };
    },
    {
      response: { 200: AttributesAnswer, ...errorResponses(401) },
      detail: {
        summary: 'List observed attributes',
        description:
          'Every attribute path users have, the most common first, with its types and most common values.',
      },
    },
  );
