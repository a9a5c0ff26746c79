import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { csvLine } from './export.ts';
import type { ImportProgress, RejectedRow } from './import.ts';

/** An import through the API, as it goes on. */
export interface ImportJob extends ImportProgress {
  id: string;
  /** What the file is called, where the request says it. */
  name: string | null;
  status: 'running' | 'done' | 'failed';
  /** Why it failed. */
  problem: string | null;
  /** The size of the file where the request says it; bytes. */
  totalBytes: number | null;
  startedAt: number;
  finishedAt: number | null;
}

/** How many imports are remembered. */
const KEPT = 20;

/**
 * The imports of this process, so that their progress can be asked for; forgotten with it. Rejected rows may be as many
 * as there are: they go to a file of their own in `folder`.
 */
export function createImportJobs(now: () => number, folder: string) {
  const jobs: ImportJob[] = [];
  const rejected = new Map<string, Bun.FileSink>();
  let started = 0;
  const pathOf = (id: string) => join(folder, `${id}.csv`);
  rmSync(folder, { recursive: true, force: true });

  return {
    list: (): readonly ImportJob[] => jobs,

    start(name: string | null, totalBytes: number | null): ImportJob {
      started++;
      const counts = { bytes: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
      const job: ImportJob = {
        id: `import_${started}`,
        name,
        status: 'running',
        problem: null,
        totalBytes,
        startedAt: now(),
        finishedAt: null,
        ...counts,
      };
      jobs.unshift(job);
      for (const { id } of jobs.splice(KEPT)) rmSync(pathOf(id), { force: true });
      return job;
    },

    /** Notes a row that was not taken. */
    async reject({ id }: ImportJob, { line, reason, raw }: RejectedRow) {
      let file = rejected.get(id);
      if (file === undefined) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        file = Bun.file(pathOf(id)).writer();
        rejected.set(id, file);
        file.write(csvLine(['line', 'reason', 'row']));
      }
      await file.write(csvLine([String(line), reason, raw]));
    },

    async finish(job: ImportJob, status: 'done' | 'failed', problem: string | null = null) {
      try {
        await rejected.get(job.id)?.end();
      } finally {
        rejected.delete(job.id);
        Object.assign(job, { status, problem, finishedAt: now() });
      }
    },

    /** The rows that were not taken so far, as CSV; null where there is no such import. */
    async rejectedRows(id: string): Promise<Blob | null> {
      if (!jobs.some((job) => job.id === id)) return null;
      await rejected.get(id)?.flush();
      const file = Bun.file(pathOf(id));
      return (await file.exists()) ? file : new Blob([csvLine(['line', 'reason', 'row'])]);
    },
  };
}
export type ImportJobs = ReturnType<typeof createImportJobs>;
