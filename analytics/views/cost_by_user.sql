-- One row is one user, by their key: the 100 whose attempts that ended in the range cost most. Every attempt counts once,
-- those that failed or were stopped included; turns are those with such an attempt, by hashes of their ids.
CREATE OR REPLACE VIEW cost_by_user AS
SELECT
    max(event_time) AS last_attempt_at,
    user_key,
    sum(cost_usd) AS cost_usd,
    uniqExact(cityHash64(turn_id)) AS turns,
    count() AS attempts,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens
FROM events FINAL
PREWHERE event_type IN ('attempt.completed', 'attempt.failed') AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
    -- Only the users who are shown are read whole; who they are is found by the hashes of their keys.
    AND cityHash64(user_key) IN
    (
        SELECT cityHash64(user_key) AS user
        FROM events FINAL
        PREWHERE event_type IN ('attempt.completed', 'attempt.failed') AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
        WHERE backtest_id = ''
            AND ({model:String} = '' OR model = {model:String})
            AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
        GROUP BY user
        ORDER BY sum(cost_usd) DESC, user
        LIMIT 100
    )
WHERE backtest_id = ''
    AND ({model:String} = '' OR model = {model:String})
    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
GROUP BY user_key
ORDER BY cost_usd DESC, user_key
LIMIT 100
COMMENT $json${
  "title": "Cost by user",
  "section": "cost",
  "order": 30,
  "description": "One row is one user, of the 100 who cost most. Counted are all attempts that ended in the range, each once, those that failed or were stopped included, and the turns that they belong to. A key of a program is a user.",
  "chart": {
    "type": "table",
    "x": "last_attempt_at",
    "y": [
      { "column": "cost_usd", "title": "Cost" },
      { "column": "turns", "title": "Turns", "unit": "count" },
      { "column": "attempts", "title": "Attempts", "unit": "count" },
      { "column": "input_tokens", "title": "Input tokens", "unit": "tokens" },
      { "column": "output_tokens", "title": "Output tokens", "unit": "tokens" }
    ],
    "unit": "usd"
  }
}$json$;
