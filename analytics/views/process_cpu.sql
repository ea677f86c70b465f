-- One row is one bucket of time and one process. Taken over the samples of the bucket (system.sampled): how much of a
-- processor it used, 1 being all of one and 2 all of two. The processes are Turnlog's own and, on Linux, the engines that the
-- same start runs. Buckets and processes without a sample are left out.
CREATE OR REPLACE VIEW process_cpu AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    component,
    instance,
    concat(component, ' ', instance) AS process,
    count() AS samples,
    avg(assumeNotNull(cpu_share)) AS cpu_share_avg,
    max(assumeNotNull(cpu_share)) AS cpu_share_max
FROM events FINAL
PREWHERE event_type = 'system.sampled' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE cpu_share IS NOT NULL
GROUP BY time, component, instance
ORDER BY time, component, instance
COMMENT $json${
  "title": "Processor use by process",
  "section": "reliability",
  "order": 60,
  "description": "One row is one bucket of time and one process. How much of a processor it used, on average: 100 % is all of one, 200 % all of two. Engines are among them where the same start runs them, on Linux.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "cpu_share_avg", "title": "Average" }],
    "series": "process",
    "unit": "ratio"
  }
}$json$;
