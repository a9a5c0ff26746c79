import type { HistoryPage, SegmentJob, SegmentRecord } from '../store/store.ts';
import { publicUserId } from '../users/user.ts';

export const publicSegmentId = (id: number) => `segment_${id}`;

/** A page of joins and leaves as the API shows it, with the emails of those who are still there. */
export function viewHistory({ items, cursor }: HistoryPage, emails: ReadonlyMap<number, string>) {
  return {
    data: items.map(({ userId, segmentId, member, at, cause }) => ({
      userId: publicUserId(userId),
      email: emails.get(userId) ?? null,
      segmentId: publicSegmentId(segmentId),
      change: member ? ('joined' as const) : ('left' as const),
      at: new Date(at).toISOString(),
      cause,
    })),
    meta: { pagination: { cursor, hasMore: cursor !== null } },
  };
}

/** A segment as the API shows it. */
export function viewSegment(segment: SegmentRecord, jobs: readonly SegmentJob[]) {
  const progress = (kind: SegmentJob['kind']) => {
    const job = jobs.find((job) => job.segmentId === segment.id && job.kind === kind);
    // Users who came since it was queued are done, too.
    return job === undefined ? null : { done: job.done, total: Math.max(job.done, job.total) };
  };
  return {
    ...segment,
    id: publicSegmentId(segment.id),
    evaluating: progress('evaluate'),
    resyncing: progress('resend'),
    retracting: progress('retract'),
    createdAt: new Date(segment.createdAt).toISOString(),
    updatedAt: new Date(segment.updatedAt).toISOString(),
  };
}
