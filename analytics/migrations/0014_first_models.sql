-- The copy of what is charted tells of every event which model its turn called first. So a chart that is narrowed to a model
-- looks up only the turns that called it later, and not all turns that ever called it.
-- Nothing of a copy without it may be read: first it is forgotten that there are any, then who makes them goes, with what runs.
TRUNCATE TABLE event_rollup_copies;
DROP VIEW IF EXISTS event_rollup_copies_refresh SYNC;
DROP VIEW IF EXISTS event_rollup_refresh SYNC;
TRUNCATE TABLE event_rollup_copies;
TRUNCATE TABLE event_rollup;

ALTER TABLE event_rollup
    ADD COLUMN IF NOT EXISTS first_model LowCardinality(String) COMMENT 'The model that the first attempt of the event''s turn called; empty where there was none yet, and in events of no turn' AFTER model;

-- As before (0009), but for first_model.
CREATE MATERIALIZED VIEW IF NOT EXISTS event_rollup_refresh
REFRESH EVERY 1 HOUR SETTINGS refresh_retries = -1
APPEND TO event_rollup
AS SELECT
    now64(3, 'UTC') AS counted_at,
    event_type,
    event_time,
    cityHash64(user_key) AS user,
    cityHash64(conversation_id) AS conversation,
    cityHash64(turn_id) AS turn,
    attempt,
    variants,
    provider,
    endpoint,
    events.model AS model,
    first.model AS first_model,
    outcome,
    error_class,
    rating,
    is_fallback,
    is_continuation,
    regenerated_from_turn_id != '' AS is_regeneration,
    is_from_program,
    time_to_first_token_ms,
    duration_ms,
    wait_ms,
    if(is_rebuilt, NULL, greatest(dateDiff('millisecond', event_time, ingested_at), 0)) AS ingestion_lag_ms,
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens,
    cost_usd
FROM events FINAL
LEFT ANY JOIN
(
    SELECT cityHash64(turn_id) AS turn, model
    FROM events
    WHERE event_type = 'attempt.started' AND attempt = 1
) AS first ON cityHash64(events.turn_id) = first.turn
WHERE backtest_id = '' AND event_type IN (
    'message.sent', 'turn.waiting', 'turn.rerouted', 'turn.completed', 'turn.failed', 'turn.stopped', 'attempt.started', 'attempt.completed', 'attempt.failed',
    'feedback.given', 'provider.cooled_down', 'provider.recovered')
SETTINGS max_threads = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS event_rollup_copies_refresh
REFRESH EVERY 1 HOUR DEPENDS ON event_rollup_refresh SETTINGS refresh_retries = -1
APPEND TO event_rollup_copies
AS SELECT max(counted_at) AS counted_at
FROM event_rollup
HAVING count() > 0;
