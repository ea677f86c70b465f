-- One row is one hour whose events are read from the table events itself, since the copy in event_rollup may lack some of
-- them: it got rows since five minutes before that was begun; no insert takes longer (requestMsMax in clickhouse.ts). None
-- where there is no copy: then all are read so.
CREATE OR REPLACE VIEW uncounted_hours AS
SELECT DISTINCT toStartOfHour(event_time) AS hour
FROM events
WHERE ingested_at >= (SELECT counted_at FROM counted_copy) - INTERVAL 5 MINUTE;
