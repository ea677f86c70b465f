-- One row is one bucket of time and one process. Taken over the samples of the bucket (system.sampled): how much memory was
-- resident. The processes are Turnlog's own and, on Linux, the engines that the same start runs. Buckets and processes
-- without a sample are left out.
CREATE OR REPLACE VIEW process_memory AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    component,
    instance,
    concat(component, ' ', instance) AS process,
    count() AS samples,
    avg(assumeNotNull(memory_bytes)) AS memory_bytes_avg,
    max(assumeNotNull(memory_bytes)) AS memory_bytes_max
FROM events FINAL
PREWHERE event_type = 'system.sampled' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE memory_bytes IS NOT NULL
GROUP BY time, component, instance
ORDER BY time, component, instance
COMMENT $json${
  "title": "Memory by process",
  "section": "reliability",
  "order": 61,
  "description": "One row is one bucket of time and one process. The most of its memory that was resident. Engines are among them where the same start runs them, on Linux.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "memory_bytes_max", "title": "Most" }],
    "series": "process",
    "unit": "bytes"
  }
}$json$;
