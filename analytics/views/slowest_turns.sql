-- One row is one turn: the 50 that took longest from being asked to an end in the range, however they ended, each once, with
-- its longest. Waiting for a provider is part of that time, and attempts are those of the day before the range as well. The
-- time to the first token is that of the first attempt that got one, from its call.
CREATE OR REPLACE VIEW slowest_turns AS
WITH event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND event_time >= {from:DateTime64(3)} AS is_end,
    event_type IN ('attempt.completed', 'attempt.failed') AS is_attempt_end
SELECT
    argMaxIf(event_time, assumeNotNull(duration_ms), is_end) AS ended_at,
    maxIf(duration_ms, is_end) AS total_ms,
    argMinIf(time_to_first_token_ms, attempt, is_attempt_end AND time_to_first_token_ms IS NOT NULL) AS first_token_ms,
    argMaxIf(outcome, assumeNotNull(duration_ms), is_end) AS turn_outcome,
    countIf(is_attempt_end) AS attempts,
    arrayStringConcat(arraySort(groupUniqArrayIf(model, is_attempt_end)), ', ') AS models,
    any(user_key) AS user_key,
    any(conversation_id) AS conversation_id,
    turn_id
FROM events FINAL
PREWHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped', 'attempt.completed', 'attempt.failed')
    AND event_time >= {from:DateTime64(3)} - INTERVAL 1 DAY AND event_time < {to:DateTime64(3)}
    -- Only the turns that are shown are read whole.
    AND turn_id IN
    (
        SELECT turn_id
        FROM
        (
            SELECT turn_id, duration_ms
            FROM events FINAL
            PREWHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
            WHERE backtest_id = ''
                AND ({model:String} = '' OR cityHash64(turn_id) IN (SELECT cityHash64(turn_id) FROM events WHERE event_type = 'attempt.started' AND model = {model:String}))
                AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
            ORDER BY duration_ms DESC, turn_id
            -- More than are shown: a turn that was reset has several ends.
            LIMIT 500
        )
        LIMIT 1 BY turn_id
        LIMIT 50
    )
GROUP BY turn_id
ORDER BY total_ms DESC, turn_id
COMMENT $json${
  "title": "Slowest turns",
  "section": "models",
  "order": 60,
  "description": "One row is one turn, of the 50 that took longest from being asked to their end in the range, waiting for a provider included. The time to the first token is that of the first attempt that got one, from its call.",
  "chart": {
    "type": "table",
    "x": "ended_at",
    "y": [
      { "column": "total_ms", "title": "Total time" },
      { "column": "first_token_ms", "title": "First token" },
      { "column": "attempts", "title": "Attempts", "unit": "count" }
    ],
    "unit": "ms"
  }
}$json$;
