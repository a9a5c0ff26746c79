-- When a user joined or left a segment, and why. Ids grow with time, so the oldest rows are the first.
CREATE TABLE membership_history (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  segment_id INTEGER NOT NULL,
  member INTEGER NOT NULL,
  at INTEGER NOT NULL,
  cause TEXT NOT NULL
) STRICT;
CREATE INDEX membership_history_user ON membership_history (user_id, id);
CREATE INDEX membership_history_segment ON membership_history (segment_id, id);

-- Every attribute path seen so far; nested objects count as paths of their own ("company.plan").
CREATE TABLE observed_attributes (
  path TEXT PRIMARY KEY,
  users INTEGER NOT NULL,
  -- How many users hold it as each type: {"text": 3, "number": 1}.
  types TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- 1 once the path had more different values than are counted one by one.
  values_capped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was seen since the sums of both tables were written: a list of observations, one row a commit.
CREATE TABLE observed_journal (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  observations TEXT NOT NULL
) STRICT;

CREATE TABLE observed_values (
  path TEXT NOT NULL,
  -- A scalar as JSON.
  value TEXT NOT NULL,
  users INTEGER NOT NULL,
  PRIMARY KEY (path, value)
) STRICT, WITHOUT ROWID;
