import type {
  ActivityBatch,
  ActivityQuery,
  Call,
  CallQuery,
  Counter,
  Delivery,
  Recorded,
} from '../activity/activity.ts';
import type { Rules } from '../segments/rules.ts';
import type { Cause, Change, Outcome, WriteContext } from '../users/change.ts';
import type { ObservedType } from '../users/observe.ts';
import type { IdentifyAs, UserRecord } from '../users/user.ts';
import type { AccountStore } from './account-store.ts';

/**
 * Everything the service keeps, as named atomic operations. Engine-independent: an implementation passes the suite in
 * `test/store/conformance.ts`. Times are Unix milliseconds. Every promise resolves after the commit is durable.
 */
export interface Store {
  /** Who may use the service, and who did what. */
  readonly accounts: AccountStore;

  /** The one write path: applies changes in order and commits them with their effects on memberships. */
  apply(changes: readonly Change[], context: WriteContext): Promise<Outcome[]>;

  getUser(id: number): Promise<UserRecord | null>;
  findUser(email: string): Promise<UserRecord | null>;
  listUsers(query: UserQuery): Promise<Page<UserRecord>>;
  /** The next of those users, in an order, who fit; it looks at no more than `steps` of them all. */
  walkUsers(query: UserWalk): Promise<Walk>;
  /**
   * Ids of users that a search finds, among the next `steps` of all after a place; '' is the beginning, and null in the
   * answer the end. Reads far less than a walk does, in an order of its own.
   */
  searchUsers(
    search: UserSearch,
    after: string,
    steps: number,
  ): Promise<{ ids: number[]; after: string | null }>;
  /** Up to `limit` users with ids above `after`, up to and with `through`, by id: for walks over all of them. */
  scanUsers(after: number, through: number, limit: number): Promise<UserRecord[]>;
  /** The highest id given out so far (0 for none) and how many users there are. */
  userIdRange(): Promise<{ last: number; count: number }>;
  /** Ids of users with a time-relative rule that is due, the longest overdue first. */
  dueUsers(now: number, limit: number): Promise<number[]>;
  /** When the next user becomes due, or null. */
  nextDueAt(): Promise<number | null>;

  listSegments(): Promise<SegmentRecord[]>;
  /** Creates a segment; a dynamic one is queued for evaluation over all users. `id` and counts of the input are ignored. */
  createSegment(segment: NewSegment, now: number): Promise<SegmentRecord | Conflict>;
  /** Changes a segment; new rules queue an evaluation, a new trait key queues the retraction of the old one. */
  updateSegment(
    id: number,
    change: SegmentChange,
    context: SegmentContext,
  ): Promise<SegmentRecord | Conflict | null>;
  /** Hides the segment at once and queues the retraction of what Segment was told. False when there is none. */
  deleteSegment(id: number, context: SegmentContext): Promise<boolean>;
  listMembers(segmentId: number, query: MemberQuery & { search?: string }): Promise<Page<UserRecord>>;
  /** Ids of the members above `after`, up to and with `through`. */
  membersWithin(segmentId: number, after: number, through: number): Promise<number[]>;
  /** Of the users above `after`, up to and with `through`, how many Segment holds the segment's trait of, as far as is known. */
  countTold(segmentId: number, after: number, through: number): Promise<number>;
  /** What of a segment Segment has not taken yet, whether or not the segment is synced. */
  segmentBacklog(segmentId: number): Promise<Omit<Backlog, 'oldestAt'>>;
  /** Ids of the segments a user is in. */
  segmentsOf(userId: number): Promise<number[]>;

  /** Every attribute path seen, the most common first. */
  listAttributes(): Promise<ObservedAttribute[]>;
  /** How many users have the attribute path. */
  usersWithAttribute(path: string): Promise<number>;
  /** Joins and leaves of a user or a segment, the latest first. */
  membershipHistory(of: { userId: number } | { segmentId: number }, query: MemberQuery): Promise<HistoryPage>;
  /** Deletes up to `limit` entries older than `before`; answers how many. */
  pruneHistory(before: number, limit: number): Promise<number>;

  /** Notes how many members each segment has on `day`, and forgets days before `keepFrom` and segments that are gone. */
  recordSegmentSizes(day: number, keepFrom: number): Promise<void>;
  /** Sizes noted on `from` and the days after it, by segment and day. */
  segmentSizes(from: number): Promise<SegmentSize[]>;

  /**
   * Brings up to `limit` users from where their changes were made durable to where they belong, which an engine may put
   * off; nothing read here depends on it. Answers whether there are more to do at once.
   */
  catchUp(limit: number): Promise<boolean>;

  listJobs(): Promise<SegmentJob[]>;
  /** Queues work over segments from its beginning, in place of the same kind of work under way. */
  queueJobs(segmentIds: readonly number[], kind: 'evaluate' | 'resend', now: number): Promise<void>;
  /** Does the next chunk of queued work, storing something for at most `limit` users; false when there was none. */
  workOnJobs(context: WriteContext, limit: number): Promise<boolean>;

  /**
   * Records what came of the last calls and, where `next` says how much, answers what to tell Segment next, in one
   * commit: for up to `limit` users, retractions (once the work that finds them is through) before anything else. From
   * then on Segment may have what was handed out, so it stays pending until it is settled.
   */
  exchangeOutbound(settlement: Settlement, next: NextOutbound | null): Promise<Telling[]>;
  outboundBacklog(): Promise<Backlog>;
  /** What a change would have Segment told about users with ids above `after`, up to and with `through`. */
  countOutlook(change: OutboundChange, after: number, through: number): Promise<OutlookCount>;
  /** How many traits are to be retracted for ids that no membership speaks for. */
  countRetractions(): Promise<number>;
  /** Makes everything parked pending again; answers how much. */
  unpark(): Promise<number>;

  /** Adds to the counters and lists of what happened, and drops what is beyond their bounds. */
  recordActivity(batch: ActivityBatch): Promise<void>;
  /** Forgets the bodies of rejected deliveries from before a moment. */
  forgetBodies(before: number): Promise<void>;
  /** The last deliveries and calls, the latest first. */
  listDeliveries(query: ActivityQuery): Promise<Recorded<Delivery>[]>;
  listCalls(query: CallQuery): Promise<Recorded<Call>[]>;
  getDelivery(id: number): Promise<Recorded<Delivery> | null>;
  getCall(id: number): Promise<Recorded<Call> | null>;
  /** Counters from one moment to another, summed up in steps of so many milliseconds. */
  activityCounters(from: number, to: number, stepMs: number): Promise<Counter[]>;

  readSetting(key: string): Promise<string | null>;
  /** Saves a setting and, in the same commit, queues the work over all segments that follows from it. */
  writeSetting(key: string, value: string, effects?: SettingEffects): Promise<void>;

  /** Calls back after each commit that may have left something to do for the background loops. */
  onCommit(listener: () => void): void;
  /** Throws when the database can't be read. */
  ping(): Promise<void>;
  stats(): Promise<StoreStats>;
  /** Reads the whole database in search of damage: what is wrong, in words; nothing where all is well. */
  checkIntegrity(): Promise<string[]>;
  close(): Promise<void>;
}

export interface StoreStats {
  /** Size of each part of the database on disk, by its name. */
  bytes: Record<string, number>;
  /** Joins and leaves committed since the store was opened. */
  membershipsChanged: number;
}

export interface SettingEffects {
  now: number;
  /** Every membership is to be told again: another source knows nothing of what the one before was told. */
  resendAll: boolean;
  /** Every trait told so far is to be retracted, for users known to Segment in this way until now. */
  retractAll: IdentifyAs | null;
}
export type UserSort = 'createdAt' | '-createdAt' | 'email' | '-email' | 'name' | '-name';
export interface UserQuery {
  sort: UserSort;
  limit: number;
  /** Opaque, from an earlier page with the same sort. */
  cursor?: string;
}
export interface UserSearch {
  /** Part of the email or name, without regard to case. */
  search?: string;
  /** Only members of this segment. */
  segmentId?: number;
}
export interface UserWalk extends UserSearch, UserQuery {
  steps: number;
  /** Only these users, who are few. */
  ids?: readonly number[];
}
export interface Walk {
  items: UserRecord[];
  /** Where the walk goes on; null at the end. */
  cursor: string | null;
  /** The cursor that goes on after one of the items. */
  after(user: UserRecord): string;
}
export interface MemberQuery {
  limit: number;
  cursor?: string;
}
export interface Page<T> {
  items: T[];
  cursor: string | null;
  total: number;
}
export interface HistoryEntry {
  userId: number;
  segmentId: number;
  member: boolean;
  at: number;
  cause: Cause;
}
export type HistoryPage = Omit<Page<HistoryEntry>, 'total'>;

export interface ObservedAttribute {
  path: string;
  /** How many users have it. */
  users: number;
  /** How many users hold it as which type. */
  types: Partial<Record<ObservedType, number>>;
  firstSeenAt: number;
  lastSeenAt: number;
  /** The most common scalar values; for a list, of its elements. */
  values: { value: string | number | boolean; users: number }[];
  /** Whether there were more different values than are counted. */
  valuesCapped: boolean;
}
/** A cursor that no page has given out. */
export class BadCursor extends Error {}

export interface SegmentRecord {
  id: number;
  slug: string;
  name: string;
  description: string | null;
  type: 'manual' | 'dynamic';
  rules: Rules | null;
  traitKey: string;
  sync: boolean;
  memberCount: number;
  createdAt: number;
  updatedAt: number;
}
export type NewSegment = Pick<
  SegmentRecord,
  'slug' | 'name' | 'description' | 'type' | 'rules' | 'traitKey' | 'sync'
>;
export type SegmentChange = Partial<
  Pick<SegmentRecord, 'name' | 'description' | 'rules' | 'traitKey' | 'sync'>
>;
export type SegmentContext = Pick<WriteContext, 'now' | 'identifyAs'>;
/** What another segment already has. */
export interface Conflict {
  conflict: 'slug' | 'traitKey';
}

export interface SegmentJob {
  segmentId: number;
  kind: 'evaluate' | 'resend' | 'retract';
  /** Users done and to do. */
  done: number;
  total: number;
}

/** How many members a segment had at the end of a day, whose beginning (UTC) is `day`. */
export interface SegmentSize {
  segmentId: number;
  day: number;
  members: number;
}

/**
 * What may have Segment told: `pending` is all it has not taken yet, `resend` every membership once more and who has
 * left, `identify_as` the members after users have become somebody else to it.
 */
export type OutboundChange = 'pending' | 'resend' | 'identify_as';
export interface OutlookCount {
  /** Traits told for users as they will be known, by segment. */
  updates: Map<number, number>;
  /** Users whom those are about. */
  users: number;
  /** Traits taken back from ids that are given up, and the users they were told of. */
  retracted: number;
  moved: number;
}

/** One level that Segment has not taken yet. */
export type Level =
  | {
      kind: 'membership';
      userId: number;
      segmentId: number;
      version: number;
      changedAt: number;
      traitKey: string;
      value: boolean;
    }
  | { kind: 'retraction'; id: number; changedAt: number; traitKey: string; value: false };
/** What is to be told about one outbound id. */
export interface Telling {
  outboundId: string;
  levels: Level[];
}

export interface NextOutbound {
  limit: number;
  identifyAs: IdentifyAs;
  /** Outbound ids to leave out for now. */
  except?: readonly string[];
}
export interface Settlement {
  /** Levels Segment took. */
  taken: Level[];
  /** Levels refused for good on their own; they wait for an operator. */
  parked: { level: Level; error: string }[];
}

export interface Backlog {
  pending: number;
  parked: number;
  /** When the oldest pending level changed, or null. */
  oldestAt: number | null;
}
