import { setImmediate } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { settings } from '../../../db/schema.ts';
import type { Store } from '../store.ts';
import { createAccounts } from './accounts.ts';
import { createActivityQueries } from './activity-queries.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { openDatabase, openDatabaseForReading, type SqliteConnection } from './database.ts';
import { createFlushing, type Flushing, flushedByCommits, type Sync } from './flushing.ts';
import { createHistoryQueries } from './history-queries.ts';
import { createJobs } from './jobs.ts';
import { createMemberQueries } from './member-queries.ts';
import { createObserved } from './observed.ts';
import { watchOtherCommits } from './other-commits.ts';
import { createOutboundClaims } from './outbound-claims.ts';
import { createOutboundQueries } from './outbound-queries.ts';
import { createOutlookQueries } from './outlook-queries.ts';
import { createScanner, createServedScanner, type Scanner } from './scanner.ts';
import { createSegmentCache } from './segment-cache.ts';
import { createSegmentQueries } from './segment-queries.ts';
import { lockForService } from './service-lock.ts';
import { createSharedIds } from './shared-ids.ts';
import { createSizeQueries } from './size-queries.ts';
import { createStoredUsers } from './stored-users.ts';
import { createUpkeep } from './upkeep.ts';
import { createUserCount } from './user-count.ts';
import { createUserJournal } from './user-journal.ts';
import { createUserQueries } from './user-queries.ts';
import { type UserRow, userFromRow } from './user-rows.ts';
import { createUserSearch } from './user-search.ts';
import { createWritePath } from './write.ts';

/** Users in one transaction of a store that is being closed. */
const FOLDED_AT_CLOSE = 200;

/**
 * Opens the store on a SQLite file. bun:sqlite is synchronous: every operation runs to its end at once, and its
 * promise is there for engines that need the time.
 */
export const openSqliteStore = (path: string): Store => openAlone(openDatabase(path));

/**
 * The same for the one service on it, under load: it leaves checkpoints to a thread, evaluations of at least
 * `evaluatedElsewhere` users to another, and does something else while commits are brought to the disk.
 */
export function openServedStore(path: string, { evaluatedElsewhere, sync }: ServedOptions = {}): Store {
  const lock = lockForService(path);
  try {
    const connection = openDatabase(path);
    const checkpoints = createCheckpoints(connection);
    const scanner = createServedScanner(connection, checkpoints, evaluatedElsewhere);
    const store = createStore(connection, checkpoints, scanner, createFlushing(connection, sync));
    return { ...store, close: () => store.close().finally(lock.release) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** For tests alone. */
interface ServedOptions {
  evaluatedElsewhere?: number;
  sync?: Sync;
}

/** The same to look at it: nothing is written, and what would write fails. */
export const openSqliteStoreForReading = (path: string): Store => openAlone(openDatabaseForReading(path));

const openAlone = (connection: SqliteConnection) =>
  createStore(connection, null, createScanner(connection), flushedByCommits);

function createStore(
  connection: SqliteConnection,
  checkpoints: Checkpoints | null,
  scanner: Scanner,
  flushing: Flushing,
): Store {
  const { sqlite, db } = connection;
  const observed = createObserved(connection);
  const cache = createSegmentCache(connection);
  const journal = createUserJournal(connection);
  const sharedIds = createSharedIds(connection, journal);
  const users = createStoredUsers(connection, journal, sharedIds);
  const userCount = createUserCount(connection);
  const others = watchOtherCommits(sqlite);
  others.onChange(() => {
    cache.invalidate();
    observed.invalidate();
    users.invalidate();
    userCount.invalidate();
    journal.refresh();
  });
  /** Reads users and what is newer of them as of one moment. */
  const reading = <T>(work: () => T): T =>
    sqlite
      .transaction(() => {
        others.check();
        return work();
      })
      .deferred();
  const claims = createOutboundClaims(connection);
  const writePath = createWritePath(connection, {
    cache,
    observed,
    users,
    userCount,
    journal,
    claims,
    sharedIds,
  });
  const jobs = createJobs(connection, {
    cache,
    journal,
    userCount,
    claims,
    path: writePath,
    scanner,
    reading,
  });
  const segmentQueries = createSegmentQueries(connection, cache, jobs);
  const readUser = (row: UserRow) => journal.complete(userFromRow(row));
  const userQueries = createUserQueries(connection, readUser, userCount);
  const userSearch = createUserSearch(connection, readUser);
  const memberQueries = createMemberQueries(connection);
  const activityQueries = createActivityQueries(connection);
  const historyQueries = createHistoryQueries(connection);
  const outboundQueries = createOutboundQueries(connection, claims, sharedIds);
  const outlookQueries = createOutlookQueries(connection);
  const sizeQueries = createSizeQueries(connection);
  const upkeep = createUpkeep(connection);
  let membershipsChanged = 0;
  const listeners: (() => void)[] = [];
  const announce = () => {
    for (const listener of listeners) listener();
  };

  /** Runs synchronous work in one transaction that takes the write lock at its start; all of it happens or nothing. */
  function transaction<T>(work: () => T): T {
    let begun = false;
    const whole = () => {
      begun = true;
      others.check();
      return work();
    };
    try {
      const result = sqlite.transaction(whole).immediate();
      membershipsChanged += writePath.takeFlipped();
      return result;
    } catch (error) {
      writePath.takeFlipped();
      // What was cached from inside a transaction that is undone never existed.
      if (begun) forget();
      throw error;
    }
  }
  /** The same without waiting for the disk: for what a crash may undo, or what is flushed before anybody is told. */
  const unflushed = <T>(work: () => T): T => flushing.commit(() => transaction(work));

  /** Reads nothing: the disk may be what has failed. The next transaction does. */
  function forget() {
    others.forget();
    cache.invalidate();
    observed.invalidate();
    users.invalidate();
    userCount.invalidate();
    journal.invalidate();
  }
  const announced = <T>(result: T): T => {
    announce();
    return result;
  };

  return {
    accounts: createAccounts(connection, transaction),

    async apply(changes, context) {
      const { outcomes, news } = unflushed(() => writePath.apply(changes, context));
      if (news) announce();
      await flushing.flushed();
      return outcomes;
    },

    getUser: async (id) => reading(() => userQueries.getUser(id)),
    findUser: async (email) => reading(() => userQueries.findUser(email)),
    listUsers: async (query) => reading(() => userQueries.listUsers(query)),
    walkUsers: async (query) => reading(() => userSearch.walk(query)),
    searchUsers: async (which, after, steps) => userSearch.search(which, after, steps),
    scanUsers: async (after, through, limit) => reading(() => userQueries.scanUsers(after, through, limit)),
    userIdRange: async () => reading(() => userQueries.userIdRange()),
    dueUsers: async (now, limit) => userQueries.dueUsers(now, limit),
    nextDueAt: async () => userQueries.nextDueAt(),
    listMembers: async (segmentId, query) => reading(() => userQueries.listMembers(segmentId, query)),
    segmentsOf: async (userId) => userQueries.segmentsOf(userId),
    membersWithin: async (id, after, through) => memberQueries.within(id, after, through),
    countTold: async (id, after, through) => memberQueries.countTold(id, after, through),
    segmentBacklog: async (id) => memberQueries.backlog(id),

    listSegments: async () => segmentQueries.listSegments(),
    async createSegment(segment, now) {
      return announced(transaction(() => segmentQueries.createSegment(segment, now)));
    },
    async updateSegment(id, change, context) {
      return announced(transaction(() => segmentQueries.updateSegment(id, change, context)));
    },
    async deleteSegment(id, context) {
      return announced(transaction(() => segmentQueries.deleteSegment(id, context)));
    },

    async catchUp(limit) {
      return unflushed(() => {
        const more = journal.fold(limit);
        if (!more) observed.fold();
        return more;
      });
    },

    listAttributes: async () => reading(() => observed.list()),
    usersWithAttribute: async (path) => reading(() => observed.usersWith(path)),
    membershipHistory: async (of, query) => historyQueries.list(of, query),
    async pruneHistory(before, limit) {
      return transaction(() => historyQueries.prune(before, limit));
    },

    async recordSegmentSizes(day, keepFrom) {
      transaction(() => sizeQueries.record(day, keepFrom));
    },
    segmentSizes: async (from) => sizeQueries.list(from),

    listJobs: async () => jobs.list(),
    async queueJobs(segmentIds, kind, now) {
      announced(
        transaction(() => {
          for (const id of segmentIds) jobs.queue(id, kind, now);
        }),
      );
    },
    async workOnJobs(context, limit) {
      // Asked after many commits, and nearly always in vain: no transaction for that.
      if (!(await jobs.prepare(context, limit))) return false;
      return announced(unflushed(() => jobs.work(context, limit)));
    },

    async exchangeOutbound(settlement, next) {
      const claimed = unflushed(() => {
        outboundQueries.settle(settlement);
        return next === null ? [] : outboundQueries.claim(next);
      });
      await flushing.flushed();
      return claimed;
    },
    outboundBacklog: async () => outboundQueries.outboundBacklog(),
    countOutlook: async (change, after, through) => outlookQueries.count(change, after, through),
    countRetractions: async () => outlookQueries.countRetractions(),
    async unpark() {
      return announced(transaction(() => outboundQueries.unpark()));
    },

    async recordActivity(batch) {
      unflushed(() => activityQueries.record(batch));
    },
    async forgetBodies(before) {
      transaction(() => activityQueries.forgetBodies(before));
    },
    listDeliveries: async (query) => activityQueries.deliveries(query),
    listCalls: async (query) => activityQueries.calls(query),
    async getDelivery(id) {
      const [found] = activityQueries.deliveries({ limit: 1, before: id + 1 });
      return found?.id === id ? found : null;
    },
    async getCall(id) {
      const [found] = activityQueries.calls({ limit: 1, before: id + 1 });
      return found?.id === id ? found : null;
    },
    activityCounters: async (from, to, stepMs) => activityQueries.counters(from, to, stepMs),

    async readSetting(key) {
      return db.select().from(settings).where(eq(settings.key, key)).all()[0]?.value ?? null;
    },
    async writeSetting(key, value, effects) {
      transaction(() => {
        db.insert(settings)
          .values({ key, value })
          .onConflictDoUpdate({ target: settings.key, set: { value } })
          .run();
        if (effects !== undefined) segmentQueries.queueForAll(effects);
      });
      announce();
    },

    onCommit(listener) {
      listeners.push(listener);
    },
    async ping() {
      sqlite.query('SELECT 1').get();
    },
    stats: async () => ({ bytes: upkeep.bytes(), membershipsChanged }),
    checkIntegrity: async () => upkeep.problems(),
    async close() {
      await scanner.rest();
      await checkpoints?.close();
      await flushing.close();
      // Folds the journals and truncates the write-ahead log, so that the file alone is a complete backup.
      if (!connection.readonly) {
        try {
          // Whoever serves the database meanwhile has their turn between the pieces.
          // Once to end what was begun, and once for all that came since.
          for (let pass = 0; pass < 2; pass++)
            while (unflushed(() => journal.fold(FOLDED_AT_CLOSE))) await setImmediate();
          transaction(() => observed.fold());
          sqlite.run('PRAGMA wal_checkpoint(TRUNCATE)');
        } catch {
          // What can not be folded stays in the journals and the log, where the next start finds it: no reason not to close.
        }
      }
      sqlite.close();
    },
  };
}
