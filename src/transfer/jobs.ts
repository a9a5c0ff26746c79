import type { ImportProgress } from './import.ts';

/** An import through the API, as it goes on. */
export interface ImportJob extends ImportProgress {
  id: string;
  status: 'running' | 'done' | 'failed';
  /** The size of the file where the request says it; bytes. */
  totalBytes: number | null;
  startedAt: number;
  finishedAt: number | null;
}

/** How many imports are remembered. */
const KEPT = 20;

/** The imports of this process, so that their progress can be asked for; forgotten with it. */
export function createImportJobs(now: () => number) {
  const jobs: ImportJob[] = [];
  let started = 0;
  return {
    list: (): readonly ImportJob[] => jobs,
    start(totalBytes: number | null): ImportJob {
      started++;
      const counts = { bytes: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
      const job: ImportJob = {
        id: `import_${started}`,
        status: 'running',
        totalBytes,
        startedAt: now(),
        finishedAt: null,
        ...counts,
      };
      jobs.unshift(job);
      jobs.splice(KEPT);
      return job;
    },
    finish(job: ImportJob, status: 'done' | 'failed') {
      job.status = status;
      job.finishedAt = now();
    },
  };
}
export type ImportJobs = ReturnType<typeof createImportJobs>;
