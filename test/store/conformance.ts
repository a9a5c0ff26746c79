import { describe } from 'bun:test';
import { activityConforms } from './conformance/activity.ts';
import { evaluationConforms } from './conformance/evaluation.ts';
import type { Open } from './conformance/fixture.ts';
import { historyConforms } from './conformance/history.ts';
import { jobsConform } from './conformance/jobs.ts';
import { lifecycleConforms } from './conformance/lifecycle.ts';
import { listsConform } from './conformance/lists.ts';
import { membersConform } from './conformance/members.ts';
import { outboundConforms } from './conformance/outbound.ts';
import { outlookConforms } from './conformance/outlook.ts';
import { reconciliationConforms } from './conformance/reconciliation.ts';
import { retractionConforms } from './conformance/retraction.ts';
import { segmentsConform } from './conformance/segments.ts';
import { successionConforms } from './conformance/succession.ts';
import { usersConform } from './conformance/users.ts';

const PARTS = [
  usersConform,
  listsConform,
  membersConform,
  segmentsConform,
  jobsConform,
  evaluationConforms,
  outboundConforms,
  outlookConforms,
  retractionConforms,
  successionConforms,
  reconciliationConforms,
  historyConforms,
  activityConforms,
  lifecycleConforms,
];

/** Everything any implementation of the store must do, against its interface alone. */
export function storeConforms(name: string, open: Open) {
  describe(`${name}: store`, () => {
    for (const conforms of PARTS) conforms(open);
  });
}
