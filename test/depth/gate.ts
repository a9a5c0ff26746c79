import type { TestService } from '../helpers/service.ts';

export interface Gate {
  /** Lets the next chunk of background work happen; answers whether there was one. */
  chunk(): Promise<boolean>;
  /** Lets all work happen from now on. */
  open(): void;
  /** Lets no work happen any more: what is queued is left to the next start. */
  halt(): void;
}

/**
 * Holds the work over many users before each of its chunks, so that a test can look at the service in between.
 * Until the next restart; must be opened or halted before the service is stopped.
 */
export function holdJobs({ service: { store } }: TestService): Gate {
  const { workOnJobs } = store;
  let opened = false;
  let halted = false;
  let waiting: { go(): void; came: Promise<boolean> } | null = null;
  let arrived: (() => void) | null = null;

  store.workOnJobs = async (context, limit) => {
    if (halted) return false;
    if (opened) return workOnJobs(context, limit);
    const came = Promise.withResolvers<boolean>();
    await new Promise<void>((go) => {
      waiting = { go, came: came.promise };
      arrived?.();
    });
    const worked = !halted && (await workOnJobs(context, limit));
    came.resolve(worked);
    return worked;
  };
  return {
    async chunk() {
      if (waiting === null) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
      const next = waiting as unknown as { go(): void; came: Promise<boolean> };
      waiting = null;
      next.go();
      return next.came;
    },
    open() {
      opened = true;
      waiting?.go();
    },
    halt() {
      halted = true;
      waiting?.go();
    },
  };
}
