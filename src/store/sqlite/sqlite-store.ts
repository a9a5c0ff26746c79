import { eq } from 'drizzle-orm';
import { settings } from '../../../db/schema.ts';
import type { Store } from '../store.ts';
import { createAccounts } from './accounts.ts';
import { createActivityQueries } from './activity-queries.ts';
import { openDatabase, openDatabaseForReading, type SqliteConnection } from './database.ts';
import { createHistoryQueries } from './history-queries.ts';
import { createJobs } from './jobs.ts';
import { createMemberQueries } from './member-queries.ts';
import { createObserved } from './observed.ts';
import { createOutboundQueries } from './outbound-queries.ts';
import { createOutlookQueries } from './outlook-queries.ts';
import { createSegmentCache } from './segment-cache.ts';
import { createSegmentQueries } from './segment-queries.ts';
import { createSizeQueries } from './size-queries.ts';
import { createUpkeep } from './upkeep.ts';
import { createUserQueries } from './user-queries.ts';
import { createUserSearch } from './user-search.ts';
import { createWritePath } from './write.ts';

/**
 * Opens the store on a SQLite file. bun:sqlite is synchronous: every operation runs to its end at once, and its
 * promise is there for engines that need the time.
 */
export const openSqliteStore = (path: string): Store => createStore(openDatabase(path));

/** The same to look at it: nothing is written, and what would write fails. */
export const openSqliteStoreForReading = (path: string): Store => createStore(openDatabaseForReading(path));

function createStore(connection: SqliteConnection): Store {
  const { sqlite, db } = connection;
  const observed = createObserved(connection);
  const cache = createSegmentCache(connection, observed.invalidate);
  const writePath = createWritePath(connection, cache, observed);
  const jobs = createJobs(connection, cache, writePath);
  const segmentQueries = createSegmentQueries(connection, cache, jobs);
  const userQueries = createUserQueries(connection);
  const userSearch = createUserSearch(connection);
  const memberQueries = createMemberQueries(connection);
  const activityQueries = createActivityQueries(connection);
  const historyQueries = createHistoryQueries(connection);
  const outboundQueries = createOutboundQueries(connection);
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
    try {
      const result = sqlite.transaction(work).immediate();
      membershipsChanged += writePath.takeFlipped();
      return result;
    } catch (error) {
      writePath.takeFlipped();
      // What was cached from inside a transaction that is undone never existed.
      cache.invalidate();
      observed.invalidate();
      throw error;
    }
  }
  const announced = <T>(result: T): T => {
    announce();
    return result;
  };

  return {
    accounts: createAccounts(connection, transaction),

    async apply(changes, context) {
      const { outcomes, news } = transaction(() => writePath.apply(changes, context));
      if (news) announce();
      return outcomes;
    },

    getUser: async (id) => userQueries.getUser(id),
    findUser: async (email) => userQueries.findUser(email),
    listUsers: async (query) => userQueries.listUsers(query),
    walkUsers: async (query) => userSearch.walk(query),
    searchUsers: async (which, after, steps) => userSearch.search(which, after, steps),
    scanUsers: async (after, through, limit) => userQueries.scanUsers(after, through, limit),
    userIdRange: async () => userQueries.userIdRange(),
    dueUsers: async (now, limit) => userQueries.dueUsers(now, limit),
    nextDueAt: async () => userQueries.nextDueAt(),
    listMembers: async (segmentId, query) => userQueries.listMembers(segmentId, query),
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

    listAttributes: async () => observed.list(),
    usersWithAttribute: async (path) => observed.usersWith(path),
    membershipHistory: async (of, query) => historyQueries.list(of, query),
    async pruneHistory(before, limit) {
      return transaction(() => historyQueries.prune(before, limit));
    },

    async recordSegmentSizes(day, keepFrom) {
      transaction(() => sizeQueries.record(day, keepFrom));
    },
    segmentSizes: async (from) => sizeQueries.list(from),

    listJobs: async () => jobs.list(),
    async queueJob(segmentId, kind, now) {
      announced(transaction(() => jobs.queue(segmentId, kind, now)));
    },
    async workOnJobs(context, limit) {
      // Asked after many commits, and nearly always in vain: no transaction for that.
      const worked = jobs.any() && transaction(() => jobs.work(context, limit));
      return worked ? announced(worked) : worked;
    },

    async exchangeOutbound(settlement, next) {
      return transaction(() => {
        outboundQueries.settle(settlement);
        return next === null ? [] : outboundQueries.claim(next.limit, next.identifyAs);
      });
    },
    outboundBacklog: async () => outboundQueries.outboundBacklog(),
    countOutlook: async (change, after, through) => outlookQueries.count(change, after, through),
    countRetractions: async () => outlookQueries.countRetractions(),
    async unpark() {
      return announced(transaction(() => outboundQueries.unpark()));
    },

    async recordActivity(batch) {
      transaction(() => activityQueries.record(batch));
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
      // Truncates the write-ahead log, so that the file alone is a complete backup.
      if (!connection.readonly) sqlite.run('PRAGMA wal_checkpoint(TRUNCATE)');
      sqlite.close();
    },
  };
}
