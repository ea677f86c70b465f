-- One row is one turn: the 50 whose attempts that ended in the range cost most. Every attempt counts once, those that failed
-- or were stopped included.
CREATE OR REPLACE VIEW costliest_turns AS
SELECT
    max(event_time) AS last_attempt_at,
    sum(cost_usd) AS cost_usd,
    count() AS attempts,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(duration_ms) AS attempts_ms,
    arrayStringConcat(arraySort(groupUniqArray(model)), ', ') AS models,
    any(user_key) AS user_key,
    any(conversation_id) AS conversation_id,
    turn_id
FROM events FINAL
-- Only the turns that are shown are read whole.
PREWHERE (event_type, event_time, cityHash64(turn_id)) IN
(
    SELECT event_type, event_time, turn
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type IN ('attempt.completed', 'attempt.failed')
        AND turn IN
        (
            SELECT turn
            FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
            WHERE event_type IN ('attempt.completed', 'attempt.failed')
                AND ({model:String} = '' OR model = {model:String})
                AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
            GROUP BY turn
            -- What is not known stands with what cost nothing: a number is compared sooner than a NULL.
            ORDER BY sum(ifNull(toFloat64(cost_usd), 0)) DESC, turn
            LIMIT 50
        )
)
WHERE ({model:String} = '' OR model = {model:String})
GROUP BY turn_id
ORDER BY cost_usd DESC, turn_id
COMMENT $json${
  "title": "Costliest turns",
  "section": "cost",
  "order": 50,
  "description": "One row is one turn, of the 50 that cost most. Counted are its attempts that ended in the range, each once, those that failed or were stopped included. What a model without a price costs is not known, and left out.",
  "isForOperators": true,
  "chart": {
    "type": "table",
    "x": "last_attempt_at",
    "y": [
      { "column": "cost_usd", "title": "Cost" },
      { "column": "attempts", "title": "Attempts", "unit": "count" },
      { "column": "input_tokens", "title": "Input tokens", "unit": "tokens" },
      { "column": "output_tokens", "title": "Output tokens", "unit": "tokens" },
      { "column": "attempts_ms", "title": "Time of attempts", "unit": "ms" }
    ],
    "unit": "usd"
  }
}$json$;
