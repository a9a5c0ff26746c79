-- How many members a segment had at the end of a day (Unix milliseconds of its beginning, UTC): for its trend.
CREATE TABLE segment_sizes (
  segment_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  members INTEGER NOT NULL,
  PRIMARY KEY (segment_id, day)
) STRICT, WITHOUT ROWID;
