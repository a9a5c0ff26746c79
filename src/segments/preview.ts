import { turnOfTheLoop } from '../scheduler/clock.ts';
import type { Store } from '../store/store.ts';
import type { UserRecord } from '../users/user.ts';
import { compileRules, evaluate, type IsMember, subjectOf } from './evaluate.ts';
import type { Rules } from './rules.ts';
import { requireSegments } from './service.ts';

export interface Preview {
  /** Users that match, of those looked at. */
  count: number;
  /** Whether every user was looked at. */
  complete: boolean;
  /** Users looked at, and users there are. */
  scanned: number;
  total: number;
  sample: UserRecord[];
  /** Of those looked at, who would join and who would leave the segment the rules are meant for; null without one. */
  effect: { join: number; leave: number } | null;
}

export interface PreviewOptions {
  now: number;
  /** The segment to compare with. */
  segmentId?: number;
  /** Milliseconds after which the preview ends with what it has. */
  budgetMs: number;
  /** Milliseconds that pass meanwhile, for the budget alone. */
  elapsed(): number;
}

const SAMPLE = 10;
/** Users of one step; in between, everything else gets its turn. */
const STEP = 250;
/** Ranges of ids, visited in a scattered order, so that a partial count is taken from all ages of users alike. */
const RANGES = 61;

/** Counts the users that rules match, within a budget of time. Refuses rules about a segment that is not there. */
export async function previewRules(store: Store, rules: Rules, options: PreviewOptions): Promise<Preview> {
  const compiled = compileRules(rules);
  const ids = new Map((await store.listSegments()).map((segment) => [segment.slug, segment.id]));
  requireSegments(rules, new Set(ids.keys()));
  const { last, count: total } = await store.userIdRange();
  const { segmentId } = options;
  const effect = segmentId === undefined ? null : { join: 0, leave: 0 };
  const preview: Preview = { count: 0, complete: true, scanned: 0, total, sample: [], effect };
  const size = Math.max(STEP, Math.ceil(last / RANGES));
  const ranges = Math.ceil(last / size);

  for (let i = 0; i < ranges; i++) {
    // 37 and the number of ranges have no common divisor: every range comes once, far from the one before.
    const from = (ranges === RANGES ? (i * 37) % RANGES : i) * size;
    const through = Math.min(from + size, last);
    let after = from;
    while (after < through) {
      const users = await store.scanUsers(after, through, STEP);
      const reached = users.length < STEP ? through : (users.at(-1)?.id ?? through);
      const membersOf = async (id: number) => new Set(await store.membersWithin(id, after, reached));
      const members = segmentId === undefined ? null : await membersOf(segmentId);
      const referred = new Map<string, ReadonlySet<number>>();
      for (const slug of compiled.segments) referred.set(slug, await membersOf(ids.get(slug) ?? 0));
      for (const user of users) {
        const subject = subjectOf(user);
        const isMember: IsMember = (slug) => referred.get(slug)?.has(user.id) === true;
        const { matches } = evaluate(compiled, subject, options.now, isMember);
        if (effect !== null && matches !== members?.has(user.id)) effect[matches ? 'join' : 'leave']++;
        if (!matches) continue;
        preview.count++;
        if (preview.sample.length < SAMPLE) preview.sample.push(user);
      }
      preview.scanned += users.length;
      after = reached;
      if (options.elapsed() > options.budgetMs && (after < through || i < ranges - 1)) {
        return { ...preview, complete: false };
      }
      await turnOfTheLoop();
    }
  }
  return preview;
}
