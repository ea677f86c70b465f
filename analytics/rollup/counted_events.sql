-- Every event of users in the range, each once, with what is charted of it: from the copy in event_rollup, and in the hours that
-- got rows since then from the table events. So whoever reads it counts what there is now, late events and redelivered ones
-- included, and the copy is of no consequence but for the time that it takes: first_model, which is of the copy, is to be read
-- with further_turns_by_model. Only of the types that event_rollup has; the caller's condition on event_type reaches both parts.
CREATE OR REPLACE VIEW counted_events AS
SELECT
    event_type,
    event_time,
    user,
    conversation,
    turn,
    attempt,
    variants,
    provider,
    endpoint,
    model,
    first_model,
    outcome,
    error_class,
    rating,
    is_fallback,
    is_continuation,
    is_regeneration,
    is_from_program,
    time_to_first_token_ms,
    duration_ms,
    wait_ms,
    ingestion_lag_ms,
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens,
    cost_usd
FROM event_rollup
PREWHERE event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
WHERE counted_at = (SELECT counted_at FROM counted_copy)
    AND toStartOfHour(event_time) NOT IN (SELECT hour FROM uncounted_hours)
UNION ALL
SELECT
    event_type,
    event_time,
    cityHash64(user_key) AS user,
    cityHash64(conversation_id) AS conversation,
    cityHash64(turn_id) AS turn,
    attempt,
    variants,
    provider,
    endpoint,
    model,
    '' AS first_model,
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
PREWHERE event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
    AND (isNull((SELECT counted_at FROM counted_copy)) OR toStartOfHour(event_time) IN (SELECT hour FROM uncounted_hours))
WHERE backtest_id = '';
