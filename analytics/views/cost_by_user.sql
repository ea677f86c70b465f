-- One row is one user, by their key: the 100 whose attempts that ended in the range cost most. Every attempt counts once,
-- those that failed or were stopped included.
CREATE OR REPLACE VIEW cost_by_user AS
WITH costs AS
(
    SELECT
        user,
        max(event_time) AS last_attempt_at,
        argMax(event_type, event_time) AS last_event_type,
        sum(cost_usd) AS cost_usd,
        count() AS attempts,
        sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type IN ('attempt.completed', 'attempt.failed')
        AND ({model:String} = '' OR model = {model:String})
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY user
    ORDER BY cost_usd DESC, user
    LIMIT 100
)
SELECT last_attempt_at, user_key, cost_usd, attempts, input_tokens, output_tokens
FROM costs
INNER JOIN
(
    SELECT cityHash64(events.user_key) AS user, any(events.user_key) AS user_key
    FROM events
    PREWHERE (event_type, event_time, cityHash64(events.user_key)) IN (SELECT last_event_type, last_attempt_at, user FROM costs)
    GROUP BY user
) AS keys USING (user)
ORDER BY cost_usd DESC, user_key
COMMENT $json${
  "title": "Cost by user",
  "section": "cost",
  "order": 30,
  "description": "One row is one user, of the 100 who cost most. Counted are all attempts that ended in the range, each once, those that failed or were stopped included. A key of a program is a user. What a model without a price costs is not known, and left out.",
  "isForOperators": true,
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
