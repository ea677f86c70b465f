-- One row is one bucket of time, one provider and one state that its models came into. Counted are the changes that
-- Turnlog made or found (model.state_changed); a wake is two of them, to loading and to awake or failed. Buckets without
-- any are left out.
CREATE OR REPLACE VIEW model_states AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    concat(provider, ': ', model_state) AS state,
    count() AS changes,
    max(duration_ms) AS slowest_ms
FROM events FINAL
WHERE event_type = 'model.state_changed' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
GROUP BY time, state
ORDER BY time, state
COMMENT $json${
  "title": "Models asleep and awake",
  "section": "models",
  "order": 50,
  "description": "One row is one bucket of time and one state of a provider's models. How often models were put to sleep, woken up, or given and rid of adapters, by the state that they came into. A model that failed its test after a wake is put back to sleep.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "changes", "title": "Changes" }],
    "series": "state",
    "unit": "count"
  }
}$json$;
