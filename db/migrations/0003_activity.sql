-- What happened, by the minute (Unix milliseconds of its beginning). direction: in or out.
CREATE TABLE activity_counters (
  minute INTEGER NOT NULL,
  direction TEXT NOT NULL,
  outcome TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (minute, direction, outcome)
) STRICT, WITHOUT ROWID;

-- The last deliveries of Segment to us.
CREATE TABLE inbound_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  events INTEGER NOT NULL,
  -- For a batch: how many events ended with each reason, as JSON.
  results TEXT,
  event_type TEXT,
  message_id TEXT,
  user TEXT,
  -- The clock of what a single event set; null where that was the time of its arrival.
  event_at INTEGER,
  latency_ms REAL NOT NULL,
  -- Kept for rejected deliveries only, for a while.
  signature TEXT,
  body TEXT
) STRICT;

-- Our last calls of Segment.
CREATE TABLE outbound_calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  path TEXT NOT NULL,
  events INTEGER NOT NULL,
  status INTEGER,
  error TEXT,
  message_id TEXT,
  user TEXT,
  -- Of a call with a single event: what it told, as JSON.
  traits TEXT,
  latency_ms REAL NOT NULL
) STRICT;
