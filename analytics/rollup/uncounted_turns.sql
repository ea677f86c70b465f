-- The turns with an event in one of the uncounted_hours, by the hashes of their ids.
CREATE OR REPLACE VIEW uncounted_turns AS
SELECT DISTINCT cityHash64(turn_id) AS turn
FROM events
PREWHERE toStartOfHour(event_time) IN (SELECT hour FROM uncounted_hours);
