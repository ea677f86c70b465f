-- One row is one turn: the 50 that took longest from being asked to an end in the range, however they ended, each once, with
-- its longest. Waiting for a provider is part of that time. Attempts are all that the turn has had until then.
CREATE OR REPLACE VIEW slowest_turns AS
SELECT event_time AS ended_at, duration_ms, outcome, attempt_count AS attempts, user_key, conversation_id, turn_id
FROM events FINAL
PREWHERE (event_type, event_time, cityHash64(turn_id)) IN
(
    SELECT event_type, event_time, turn
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped')
        AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    ORDER BY duration_ms DESC, turn
    LIMIT 1 BY turn
    LIMIT 50
)
ORDER BY duration_ms DESC, turn_id
COMMENT $json${
  "title": "Slowest turns",
  "section": "models",
  "order": 60,
  "description": "One row is one turn, of the 50 that took longest from being asked to their end in the range, waiting for a provider included. Its attempts, with their models and times to the first token, are behind its link.",
  "isForOperators": true,
  "chart": {
    "type": "table",
    "x": "ended_at",
    "y": [
      { "column": "duration_ms", "title": "Total time" },
      { "column": "attempts", "title": "Attempts", "unit": "count" }
    ],
    "unit": "ms"
  }
}$json$;
