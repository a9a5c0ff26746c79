import { and, desc, eq, gt, gte, isNotNull, lt, lte, type Placeholder, type SQL, sql } from 'drizzle-orm';
import { activityCounters, inboundDeliveries, outboundCalls } from '../../../db/schema.ts';
import {
  type ActivityBatch,
  type ActivityQuery,
  type Call,
  type CallQuery,
  type Counter,
  type Delivery,
  KEPT_COUNTERS_MS,
  KEPT_ENTRIES,
  type Recorded,
} from '../../activity/activity.ts';
import type { SqliteConnection } from './database.ts';
import { createEvenTime } from './even-time.ts';

/** What happened: counters by the minute, the last deliveries and the last calls. */
export function createActivityQueries(connection: SqliteConnection) {
  const { sqlite, db } = connection;
  const mayPrune = createEvenTime(connection, 'counters');
  // Prepared: under load a thousand entries are written every second.
  const addToCounter = db
    .insert(activityCounters)
    .values(placeholders('minute', 'direction', 'outcome', 'count'))
    .onConflictDoUpdate({
      target: [activityCounters.minute, activityCounters.direction, activityCounters.outcome],
      set: { count: sql`${activityCounters.count} + excluded.count` },
    })
    .prepare();
  // As SQL: through Drizzle it costs a half more.
  const insertDelivery = sqlite.query(
    `INSERT INTO inbound_deliveries
       (at, reason, events, results, event_type, message_id, user, event_at, latency_ms, signature, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertCall = db
    .insert(outboundCalls)
    .values(
      placeholders(
        'at',
        'outcome',
        'path',
        'events',
        'status',
        'error',
        'messageId',
        'user',
        'traits',
        'latencyMs',
      ),
    )
    .prepare();

  return {
    record({ counters, deliveries, calls }: ActivityBatch): void {
      for (const counter of counters) addToCounter.run({ ...counter });
      for (const one of deliveries) {
        insertDelivery.run(
          one.at,
          one.reason,
          one.events,
          one.results === null ? null : JSON.stringify(one.results),
          one.eventType,
          one.messageId,
          one.user,
          one.eventAt,
          one.latencyMs,
          one.signature,
          one.body,
        );
      }
      for (const { traits, counts, ...call } of calls) {
        // Either is null; how many events there were says which it is.
        const told = traits ?? counts;
        insertCall.run({ ...call, traits: told === null ? null : JSON.stringify(told) });
      }
      for (const table of [inboundDeliveries, outboundCalls]) {
        const newest = sql`(SELECT max(${table.id}) FROM ${table})`;
        db.delete(table).where(sql`${table.id} <= ${newest} - ${KEPT_ENTRIES}`).run();
      }
      if (counters.length === 0) return;
      const before = Math.max(...counters.map(({ minute }) => minute)) - KEPT_COUNTERS_MS;
      if (mayPrune(before)) db.delete(activityCounters).where(lt(activityCounters.minute, before)).run();
    },

    /** Forgets bodies of deliveries older than `before`. */
    forgetBodies(before: number): void {
      db.update(inboundDeliveries)
        .set({ body: null, signature: null })
        .where(and(isNotNull(inboundDeliveries.body), lt(inboundDeliveries.at, before)))
        .run();
    },

    deliveries(query: ActivityQuery): Recorded<Delivery>[] {
      const table = inboundDeliveries;
      // The reason of a single event, or one of those in a batch.
      const outcome =
        query.outcome === undefined
          ? undefined
          : sql`(${table.reason} = ${query.outcome} OR ${table.results} LIKE ${`%"${escaped(query.outcome)}":%`} ESCAPE '\\')`;
      const rows = db
        .select()
        .from(table)
        .where(and(outcome, matching(table, query)))
        .orderBy(desc(table.id))
        .limit(query.limit)
        .all();
      return rows.map(({ id, results, ...entry }) => ({
        id,
        entry: { ...entry, results: results === null ? null : JSON.parse(results) },
      }));
    },

    calls(query: CallQuery): Recorded<Call>[] {
      const table = outboundCalls;
      const outcome = query.outcome === undefined ? undefined : eq(table.outcome, query.outcome);
      const trait =
        query.trait === undefined
          ? undefined
          : sql`EXISTS (SELECT 1 FROM json_each(${table.traits}) WHERE key = ${query.trait})`;
      const rows = db
        .select()
        .from(table)
        .where(and(outcome, trait, matching(table, query)))
        .orderBy(desc(table.id))
        .limit(query.limit)
        .all();
      return rows.map(({ id, traits, ...entry }) => {
        const told = traits === null ? null : JSON.parse(traits);
        const one = entry.events === 1;
        return { id, entry: { ...entry, traits: one ? told : null, counts: one ? null : told } };
      });
    },

    /** Counters of a span of time, summed up in steps of so many milliseconds. */
    counters(from: number, to: number, stepMs: number): Counter[] {
      const step = sql<number>`${activityCounters.minute} / ${stepMs} * ${stepMs}`;
      return db
        .select({
          minute: step,
          direction: activityCounters.direction,
          outcome: activityCounters.outcome,
          count: sql<number>`sum(${activityCounters.count})`,
        })
        .from(activityCounters)
        .where(and(gte(activityCounters.minute, from), lte(activityCounters.minute, to)))
        .groupBy(step, activityCounters.direction, activityCounters.outcome)
        .orderBy(step)
        .all();
    },
  };
}

function matching(
  table: typeof inboundDeliveries | typeof outboundCalls,
  query: ActivityQuery,
): SQL | undefined {
  const { before, after, user, from, to } = query;
  return and(
    before === undefined ? undefined : lt(table.id, before),
    after === undefined ? undefined : gt(table.id, after),
    user === undefined || user === ''
      ? undefined
      : sql`${table.user} LIKE ${`%${escaped(user)}%`} ESCAPE '\\'`,
    from === undefined ? undefined : gte(table.at, from),
    to === undefined ? undefined : lte(table.at, to),
  );
}

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&');

const placeholders = <Names extends string[]>(...names: Names) =>
  Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as Record<
    Names[number],
    Placeholder
  >;
