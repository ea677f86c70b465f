-- One row is one turn that ended in the range, at its last end within it, the latest first; at most 500 of them. Its
-- attempts are those of the day before as well, since a turn may wait for a provider so long. Models, failures, tokens and
-- cost are of all attempts; the time to the first token is that of the first attempt that got one. With a model, only turns
-- in which it was called; with a class of failure, only those with an attempt that failed so.
CREATE OR REPLACE VIEW turns AS
WITH event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND event_time >= {from:DateTime64(3)} AS is_end,
    event_type IN ('attempt.completed', 'attempt.failed') AS is_attempt_end
SELECT
    maxIf(event_time, is_end) AS time,
    argMaxIf(outcome, event_time, is_end) AS outcome,
    arrayStringConcat(arrayDistinct(arrayMap(pair -> pair.2, arraySort(groupArrayIf((attempt, model), is_attempt_end)))), ' → ') AS models,
    countIf(is_attempt_end) AS attempts,
    arrayStringConcat(arraySort(groupUniqArrayIf(error_class, is_attempt_end AND error_class != '')), ', ') AS failures,
    argMinIf(time_to_first_token_ms, attempt, is_attempt_end AND time_to_first_token_ms IS NOT NULL) AS time_to_first_token_ms,
    argMaxIf(duration_ms, event_time, is_end) AS duration_ms,
    sumIf(input_tokens, is_attempt_end) AS input_tokens,
    sumIf(output_tokens, is_attempt_end) AS output_tokens,
    sumIf(cost_usd, is_attempt_end) AS cost_usd,
    any(conversation_id) AS conversation_id,
    turn_id
FROM events FINAL
-- Only the turns that are shown are read whole.
PREWHERE (event_type, event_time, cityHash64(turn_id)) IN
(
    SELECT event_type, event_time, turn
    FROM counted_events(from = {from:DateTime64(3)} - INTERVAL 1 DAY, to = {to:DateTime64(3)})
    WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped', 'attempt.completed', 'attempt.failed')
        AND turn IN
        (
            SELECT turn
            FROM
            (
                SELECT turn, event_time
                FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
                WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped')
                    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
                    AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
                    AND ({error_class:String} = '' OR turn IN (SELECT turn FROM counted_events(from = {from:DateTime64(3)} - INTERVAL 1 DAY, to = {to:DateTime64(3)}) WHERE event_type = 'attempt.failed' AND error_class = {error_class:String}))
                ORDER BY event_time DESC, turn
                -- More than are shown: a turn that was reset has several ends.
                LIMIT 1000
            )
            ORDER BY event_time DESC, turn
            LIMIT 1 BY turn
            LIMIT 500
        )
)
GROUP BY turn_id
ORDER BY time DESC, turn_id
LIMIT 500
COMMENT $json${
  "title": "Turns",
  "section": "overview",
  "order": 900,
  "description": "One row is one turn, by the time at which it ended: the latest 500 of the range. Models, attempts, failures, tokens and cost are those of all its attempts; the time to the first token is that of the first attempt that got one.",
  "isForOperators": true,
  "chart": {
    "type": "table",
    "x": "time",
    "y": [
      { "column": "attempts", "title": "Attempts" },
      { "column": "time_to_first_token_ms", "title": "First token", "unit": "ms" },
      { "column": "duration_ms", "title": "Total time", "unit": "ms" },
      { "column": "input_tokens", "title": "Input tokens", "unit": "tokens" },
      { "column": "output_tokens", "title": "Output tokens", "unit": "tokens" },
      { "column": "cost_usd", "title": "Cost", "unit": "usd" }
    ],
    "unit": "count"
  }
}$json$;
