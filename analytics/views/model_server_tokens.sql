-- One row is one bucket of time and one vLLM server. Taken over the samples of the bucket (system.sampled), each of which
-- tells how many tokens a second the server wrote since the one before, whoever asked: Turnlog or others. A server's first
-- sample after its start tells none. Buckets and servers without any are left out.
CREATE OR REPLACE VIEW model_server_tokens AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    component,
    instance,
    concat(component, ' ', instance) AS process,
    count() AS samples,
    avg(assumeNotNull(tokens_per_second)) AS tokens_per_second_avg,
    max(assumeNotNull(tokens_per_second)) AS tokens_per_second_max
FROM events FINAL
PREWHERE event_type = 'system.sampled' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE tokens_per_second IS NOT NULL
GROUP BY time, component, instance
ORDER BY time, component, instance
COMMENT $json${
  "title": "Tokens written by model servers",
  "section": "reliability",
  "order": 65,
  "description": "One row is one bucket of time and one vLLM server. The tokens that it wrote for all who asked, a second, on average over its samples.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "tokens_per_second_avg", "title": "Average" }],
    "series": "process",
    "unit": "tokens/s"
  }
}$json$;
