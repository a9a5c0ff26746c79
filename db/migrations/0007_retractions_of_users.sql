-- Whose trait is taken back: it goes with that user, or somebody who is forgotten would be spoken of once more.
ALTER TABLE retractions ADD COLUMN user_id INTEGER;
CREATE INDEX retractions_user ON retractions (user_id) WHERE user_id IS NOT NULL;

-- A day in a rule is all of that day from now on, so everybody is looked at again.
INSERT INTO segment_jobs (segment_id, kind, cursor, done, total, created_at)
SELECT id, 'evaluate', 0, 0, (SELECT count(*) FROM users), unixepoch() * 1000
FROM segments
WHERE type = 'dynamic' AND deleted_at IS NULL
ON CONFLICT (segment_id, kind) DO UPDATE SET cursor = 0, done = 0;
