-- One row is one bucket of time and one vLLM server. Taken over the samples of the bucket (system.sampled): how much of its
-- cache of keys and values is in use, which is the memory of its GPU that requests share, and how many requests it works
-- on. Buckets and servers without a sample are left out.
CREATE OR REPLACE VIEW model_server_cache AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    component,
    instance,
    concat(component, ' ', instance) AS process,
    count() AS samples,
    avg(assumeNotNull(kv_cache_share)) AS kv_cache_share_avg,
    max(assumeNotNull(kv_cache_share)) AS kv_cache_share_max,
    max(requests_running) AS requests_running_max
FROM events FINAL
PREWHERE event_type = 'system.sampled' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE kv_cache_share IS NOT NULL
GROUP BY time, component, instance
ORDER BY time, component, instance
COMMENT $json${
  "title": "Cache of model servers",
  "section": "reliability",
  "order": 63,
  "description": "One row is one bucket of time and one vLLM server. The most of its cache of keys and values, which fills the memory of its GPU, that was in use.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "kv_cache_share_max", "title": "Most" }],
    "series": "process",
    "unit": "ratio"
  }
}$json$;
