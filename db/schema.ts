import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The tables of the SQLite engine as Drizzle sees them. The SQL in `migrations/` makes them (with indexes and checks);
 * `test/store/schema.test.ts` holds the two together. Times are Unix milliseconds.
 */
export const settings = sqliteTable('settings', {
  key: text().primaryKey(),
  value: text().notNull(),
});

export const users = sqliteTable('users', {
  id: integer().primaryKey({ autoIncrement: true }),
  email: text().notNull(),
  name: text(),
  nameAt: integer('name_at').notNull(),
  externalId: text('external_id'),
  externalIdAt: integer('external_id_at').notNull(),
  attributes: text().notNull(),
  clock: integer().notNull(),
  clocks: text(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  lastSeenAt: integer('last_seen_at'),
  dueAt: integer('due_at'),
});

export const userJournal = sqliteTable('user_journal', {
  id: integer().primaryKey({ autoIncrement: true }),
  lines: text().notNull(),
});

export const segments = sqliteTable('segments', {
  id: integer().primaryKey({ autoIncrement: true }),
  slug: text().notNull(),
  name: text().notNull(),
  description: text(),
  type: text({ enum: ['manual', 'dynamic'] }).notNull(),
  rules: text(),
  traitKey: text('trait_key').notNull(),
  sync: integer({ mode: 'boolean' }).notNull(),
  memberCount: integer('member_count').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  deletedAt: integer('deleted_at'),
});

export const memberships = sqliteTable(
  'memberships',
  {
    userId: integer('user_id').notNull(),
    segmentId: integer('segment_id').notNull(),
    member: integer().notNull(),
    told: integer().notNull(),
    version: integer().notNull(),
    changedAt: integer('changed_at').notNull(),
    parked: text(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.segmentId] })],
);

export const retractions = sqliteTable('retractions', {
  id: integer().primaryKey({ autoIncrement: true }),
  outboundId: text('outbound_id').notNull(),
  traitKey: text('trait_key').notNull(),
  createdAt: integer('created_at').notNull(),
  parked: text(),
  userId: integer('user_id'),
});

export const outboundClaims = sqliteTable('outbound_claims', {
  id: integer().primaryKey(),
  pairs: text().notNull(),
});

export const segmentJobs = sqliteTable(
  'segment_jobs',
  {
    segmentId: integer('segment_id').notNull(),
    kind: text({ enum: ['evaluate', 'resend', 'retract'] }).notNull(),
    cursor: integer().notNull(),
    done: integer().notNull(),
    total: integer().notNull(),
    traitKey: text('trait_key'),
    identifyAs: text('identify_as', { enum: ['email', 'external_id'] }),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.segmentId, table.kind] })],
);

export const segmentSizes = sqliteTable(
  'segment_sizes',
  {
    segmentId: integer('segment_id').notNull(),
    day: integer().notNull(),
    members: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.segmentId, table.day] })],
);

export const membershipHistory = sqliteTable('membership_history', {
  id: integer().primaryKey(),
  userId: integer('user_id').notNull(),
  segmentId: integer('segment_id').notNull(),
  member: integer().notNull(),
  at: integer().notNull(),
  cause: text({ enum: ['event', 'api', 'import', 'edit', 'time'] }).notNull(),
});

export const observedAttributes = sqliteTable('observed_attributes', {
  path: text().primaryKey(),
  users: integer().notNull(),
  types: text().notNull(),
  firstSeenAt: integer('first_seen_at').notNull(),
  lastSeenAt: integer('last_seen_at').notNull(),
  valuesCapped: integer('values_capped').notNull(),
});

export const observedJournal = sqliteTable('observed_journal', {
  id: integer().primaryKey(),
  at: integer().notNull(),
  observations: text().notNull(),
});

export const observedValues = sqliteTable(
  'observed_values',
  {
    path: text().notNull(),
    value: text().notNull(),
    users: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.path, table.value] })],
);

export const activityCounters = sqliteTable(
  'activity_counters',
  {
    minute: integer().notNull(),
    direction: text({ enum: ['in', 'out'] }).notNull(),
    outcome: text().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.direction, table.outcome] })],
);

export const inboundDeliveries = sqliteTable('inbound_deliveries', {
  id: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  reason: text().notNull(),
  events: integer().notNull(),
  results: text(),
  eventType: text('event_type'),
  messageId: text('message_id'),
  user: text(),
  eventAt: integer('event_at'),
  latencyMs: real('latency_ms').notNull(),
  signature: text(),
  body: text(),
});

export const outboundCalls = sqliteTable('outbound_calls', {
  id: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  outcome: text().notNull(),
  path: text().notNull(),
  events: integer().notNull(),
  status: integer(),
  error: text(),
  messageId: text('message_id'),
  user: text(),
  traits: text(),
  latencyMs: real('latency_ms').notNull(),
});

/** A moment, as the sign-in library takes it. */
const moment = (name: string) => integer(name, { mode: 'timestamp_ms' });

export const admins = sqliteTable('admins', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull(),
  emailVerified: integer('email_verified', { mode: 'boolean' }).notNull(),
  image: text(),
  role: text({ enum: ['admin', 'viewer'] }).notNull(),
  disabledAt: moment('disabled_at'),
  twoFactorEnabled: integer('two_factor_enabled', { mode: 'boolean' }),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const adminSessions = sqliteTable('admin_sessions', {
  id: text().primaryKey(),
  token: text().notNull(),
  userId: text('user_id').notNull(),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  expiresAt: moment('expires_at').notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const adminAccounts = sqliteTable('admin_accounts', {
  id: text().primaryKey(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  userId: text('user_id').notNull(),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: moment('access_token_expires_at'),
  refreshTokenExpiresAt: moment('refresh_token_expires_at'),
  scope: text(),
  password: text(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const adminVerifications = sqliteTable('admin_verifications', {
  id: text().primaryKey(),
  identifier: text().notNull(),
  value: text().notNull(),
  expiresAt: moment('expires_at').notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const adminTwoFactors = sqliteTable('admin_two_factors', {
  id: text().primaryKey(),
  secret: text().notNull(),
  backupCodes: text('backup_codes').notNull(),
  userId: text('user_id').notNull(),
  verified: integer({ mode: 'boolean' }),
  failedVerificationCount: integer('failed_verification_count'),
  lockedUntil: moment('locked_until'),
});

export const invitations = sqliteTable('invitations', {
  id: text().primaryKey(),
  hash: text().notNull(),
  role: text({ enum: ['admin', 'viewer'] }).notNull(),
  email: text(),
  createdBy: text('created_by'),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
  usedAt: integer('used_at'),
});

export const apiKeys = sqliteTable('api_keys', {
  id: text().primaryKey(),
  name: text().notNull(),
  hint: text().notNull(),
  hash: text().notNull(),
  scope: text({ enum: ['read', 'write', 'settings'] }).notNull(),
  createdBy: text('created_by'),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  lastUsedAt: integer('last_used_at'),
  revokedAt: integer('revoked_at'),
});

export const auditLog = sqliteTable('audit_log', {
  id: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  actorKind: text('actor_kind', { enum: ['admin', 'key', 'environment', 'command', 'nobody'] }).notNull(),
  actorId: text('actor_id'),
  actorName: text('actor_name'),
  ip: text(),
  action: text().notNull(),
  target: text(),
  changes: text(),
});
