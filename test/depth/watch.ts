import type { TestService } from '../helpers/service.ts';

/** What the service asks of its store from now on. */
export interface Watched {
  /** Ids of the users evaluated because of the time, in order. */
  evaluated: number[];
  /** Sizes of the commits they came in. */
  commits: number[];
  /** How often users were read in a walk over all of them. */
  scans: number;
  /** How many chunks of background work over many users were done. */
  jobs: number;
}

/** Looks over the shoulder of the store; everything still happens. Until the next restart. */
export function watchStore({ service: { store } }: TestService): Watched {
  const seen: Watched = { evaluated: [], commits: [], scans: 0, jobs: 0 };
  const { apply, scanUsers, workOnJobs } = store;
  store.apply = (changes, context) => {
    let timely = 0;
    for (const { kind, target, cause } of changes) {
      if (kind !== 'evaluate' || cause !== 'time' || !('id' in target)) continue;
      seen.evaluated.push(target.id);
      timely++;
    }
    if (timely > 0) seen.commits.push(timely);
    return apply(changes, context);
  };
  store.scanUsers = (...range) => {
    seen.scans++;
    return scanUsers(...range);
  };
  store.workOnJobs = async (context, limit) => {
    const worked = await workOnJobs(context, limit);
    if (worked) seen.jobs++;
    return worked;
  };
  return seen;
}
