-- One row is one bucket of time and one model, by its name in turnlog.yaml. The time to the first token is taken over all
-- attempts that ended in the bucket and got one, however they ended; the total time over those that completed, since one that
-- failed or was stopped says nothing of it. Percentiles are exact. NULL where a bucket has no such attempt; buckets and models
-- without any attempt are left out.
CREATE OR REPLACE VIEW latency_by_model AS
SELECT
    time,
    model,
    attempts,
    if(with_first_token > 0, first_token[1], NULL) AS time_to_first_token_ms_p50,
    if(with_first_token > 0, first_token[2], NULL) AS time_to_first_token_ms_p95,
    if(with_first_token > 0, first_token[3], NULL) AS time_to_first_token_ms_p99,
    if(completed > 0, total[1], NULL) AS duration_ms_p50,
    if(completed > 0, total[2], NULL) AS duration_ms_p95,
    if(completed > 0, total[3], NULL) AS duration_ms_p99
FROM
(
    SELECT
        toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
        model,
        count() AS attempts,
        count(time_to_first_token_ms) AS with_first_token,
        quantilesExact(0.5, 0.95, 0.99)(time_to_first_token_ms) AS first_token,
        countIf(duration_ms, outcome = 'completed') AS completed,
        quantilesExactIf(0.5, 0.95, 0.99)(duration_ms, outcome = 'completed') AS total
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type IN ('attempt.completed', 'attempt.failed')
        AND ({model:String} = '' OR model = {model:String})
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY time, model
)
ORDER BY time, model
COMMENT $json${
  "title": "Time to first token by model",
  "section": "models",
  "order": 10,
  "description": "One row is one bucket of time and one model. From the call of a model to its first token, over all attempts that got one.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "time_to_first_token_ms_p50", "title": "p50" },
      { "column": "time_to_first_token_ms_p95", "title": "p95" },
      { "column": "time_to_first_token_ms_p99", "title": "p99" }
    ],
    "series": "model",
    "turns": "turns",
    "unit": "ms"
  }
}$json$;
