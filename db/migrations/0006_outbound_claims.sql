-- Memberships that were handed out to be told to Segment, as JSON of [user id, segment id] pairs, until it is known what
-- came of it.
CREATE TABLE outbound_claims (
  id INTEGER PRIMARY KEY,
  pairs TEXT NOT NULL
) STRICT;
