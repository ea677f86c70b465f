-- One row is one bucket of time and one process. Taken over the samples of the bucket (system.sampled), each of which tells
-- the longest time since the one before for which the event loop let others wait. Buckets and processes without a sample
-- are left out.
CREATE OR REPLACE VIEW event_loop_lag AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    component,
    instance,
    concat(component, ' ', instance) AS process,
    count() AS samples,
    quantileExact(0.5)(assumeNotNull(event_loop_lag_ms)) AS lag_ms_p50,
    max(assumeNotNull(event_loop_lag_ms)) AS lag_ms_max
FROM events FINAL
PREWHERE event_type = 'system.sampled' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE event_loop_lag_ms IS NOT NULL
GROUP BY time, component, instance
ORDER BY time, component, instance
COMMENT $json${
  "title": "Event loop lag by process",
  "section": "reliability",
  "order": 62,
  "description": "One row is one bucket of time and one process. The longest time for which it was busy with one thing and let everything else wait.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "lag_ms_max", "title": "Longest" }],
    "series": "process",
    "unit": "ms"
  }
}$json$;
