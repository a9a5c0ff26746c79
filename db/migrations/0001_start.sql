-- Times are Unix milliseconds. Flags are 0 or 1.

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  -- AUTOINCREMENT: the id of a deleted user is never given to another one.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL,
  name TEXT,
  name_at INTEGER NOT NULL,
  external_id TEXT,
  external_id_at INTEGER NOT NULL,
  attributes TEXT NOT NULL,
  clock INTEGER NOT NULL,
  clocks TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_seen_at INTEGER,
  due_at INTEGER
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email);
-- Without external_id_at: nearly every event sets that, and would rewrite the index.
CREATE INDEX users_external_id ON users (external_id) WHERE external_id IS NOT NULL;
-- The first is read through by searches, the second in order by lists.
CREATE INDEX users_search ON users (email, name);
CREATE INDEX users_name ON users (ifnull(name, ''), email);
CREATE INDEX users_due ON users (due_at) WHERE due_at IS NOT NULL;

-- What is newer of users than their rows say, for many users a row: see src/store/sqlite/user-journal.ts.
CREATE TABLE user_journal (
  -- AUTOINCREMENT: what another process has read of it is told by the id.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  lines TEXT NOT NULL
) STRICT;

CREATE TABLE segments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  type TEXT NOT NULL CHECK (type IN ('manual', 'dynamic')),
  rules TEXT,
  trait_key TEXT NOT NULL,
  sync INTEGER NOT NULL,
  member_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX segments_slug ON segments (slug) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX segments_trait_key ON segments (trait_key) WHERE deleted_at IS NULL;

-- member: what is. told: what Segment last took: 0 false or nothing, 1 true, 2 not known (a call is under way or ended
-- without an answer). The two differing is the whole outbox.
CREATE TABLE memberships (
  user_id INTEGER NOT NULL,
  segment_id INTEGER NOT NULL,
  member INTEGER NOT NULL,
  told INTEGER NOT NULL,
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  parked TEXT,
  PRIMARY KEY (user_id, segment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_members ON memberships (segment_id, user_id) WHERE member = 1;
-- With all that its condition names, so that millions of pending rows are counted in the index alone, in a twentieth of the time.
CREATE INDEX memberships_pending ON memberships (segment_id, changed_at, user_id, member, told, parked) WHERE member <> told AND parked IS NULL;
CREATE INDEX memberships_parked ON memberships (segment_id, user_id) WHERE parked IS NOT NULL;

-- A trait that Segment still holds as true (or may hold) for an id that no membership speaks for any more.
CREATE TABLE retractions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  outbound_id TEXT NOT NULL,
  trait_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  parked TEXT
) STRICT;
CREATE INDEX retractions_pending ON retractions (id) WHERE parked IS NULL;

-- Work over all users or all members of a segment, done in chunks; the cursor is the last user id done.
CREATE TABLE segment_jobs (
  segment_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('evaluate', 'resend', 'retract')),
  cursor INTEGER NOT NULL,
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  trait_key TEXT,
  identify_as TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (segment_id, kind)
) STRICT, WITHOUT ROWID;
