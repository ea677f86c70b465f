-- One row is one bucket of time and one model, by its name in turnlog.yaml. Taken over the attempts that completed in the
-- bucket and wrote two tokens or more: how many tokens came after the first one, divided by the time from the first token to
-- the end. Percentiles are exact; half of the attempts were slower than p50, 5 % were slower than p5. Buckets and models
-- without any are left out.
CREATE OR REPLACE VIEW tokens_per_second AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    model,
    count() AS attempts,
    (quantilesExact(0.05, 0.5)((output_tokens - 1) / (duration_ms - time_to_first_token_ms) * 1000) AS rates)[2] AS tokens_per_second_p50,
    rates[1] AS tokens_per_second_p5
FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
WHERE event_type = 'attempt.completed' AND outcome = 'completed' AND output_tokens >= 2 AND duration_ms > time_to_first_token_ms
    AND ({model:String} = '' OR model = {model:String})
    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
GROUP BY time, model
ORDER BY time, model
COMMENT $json${
  "title": "Tokens per second by model",
  "section": "models",
  "order": 30,
  "description": "One row is one bucket of time and one model. How fast answers were written after their first token, over the attempts that completed: half of them were slower than p50, one in twenty slower than p5.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "tokens_per_second_p50", "title": "p50" },
      { "column": "tokens_per_second_p5", "title": "p5" }
    ],
    "series": "model",
    "turns": "turns",
    "unit": "tokens/s"
  }
}$json$;
