-- The copy in event_rollup that is read: the newest whole one. One row always: NULL where there is none, as before the first
-- refresh, or after a night in which ClickHouse did not run; an old copy may be on its way out.
CREATE OR REPLACE VIEW counted_copy AS
SELECT maxOrNull(copies.counted_at) AS counted_at
FROM event_rollup_copies AS copies
WHERE copies.counted_at > now64(3) - INTERVAL 90 MINUTE;
