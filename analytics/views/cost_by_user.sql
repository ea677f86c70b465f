-- One row is one user, by their key: the 100 whose attempts that ended in the range cost most. Every attempt counts once,
-- those that failed or were stopped included.
CREATE OR REPLACE VIEW cost_by_user AS
SELECT
    max(event_time) AS last_attempt_at,
    any(events.user_key) AS user_key,
    sum(events.cost_usd) AS cost_usd,
    count() AS attempts,
    sum(events.input_tokens) AS input_tokens,
    sum(events.output_tokens) AS output_tokens
FROM events FINAL
PREWHERE event_type IN ('attempt.completed', 'attempt.failed') AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE backtest_id = ''
    AND ({model:String} = '' OR model = {model:String})
    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
GROUP BY cityHash64(events.user_key)
ORDER BY cost_usd DESC, user_key
LIMIT 100
COMMENT $json${
  "title": "Cost by user",
  "section": "cost",
  "order": 30,
  "description": "One row is one user, of the 100 who cost most. Counted are all attempts that ended in the range, each once, those that failed or were stopped included. A key of a program is a user.",
  "chart": {
    "type": "table",
    "x": "last_attempt_at",
    "y": [
      { "column": "cost_usd", "title": "Cost" },
      { "column": "attempts", "title": "Attempts", "unit": "count" },
      { "column": "input_tokens", "title": "Input tokens", "unit": "tokens" },
      { "column": "output_tokens", "title": "Output tokens", "unit": "tokens" }
    ],
    "unit": "usd"
  }
}$json$;
