-- What the dashboard counts, ready to be added up: a copy of the events, each once, with numbers in place of ids and without
-- what is not charted. A copy is made anew every hour, from deduplicated rows, by a refreshable view. Rows and not sums are
-- kept, since percentiles, different users and turns that end twice do not add up over hours; and whole copies are made,
-- so that what was deleted, or came late, is never looked for. Which of them is read says counted_events.
CREATE TABLE IF NOT EXISTS event_rollup
(
    counted_at DateTime64(3, 'UTC') COMMENT 'When the copy that the row belongs to was begun' CODEC(DoubleDelta, ZSTD),
    event_type LowCardinality(String) COMMENT 'As in events, as are all columns that are not described otherwise',
    event_time DateTime64(3, 'UTC') COMMENT 'Its time' CODEC(DoubleDelta),
    user UInt64 COMMENT 'cityHash64(user_key)',
    conversation UInt64 COMMENT 'cityHash64(conversation_id)',
    turn UInt64 COMMENT 'cityHash64(turn_id)',
    attempt UInt32 COMMENT 'The number of the attempt within its turn',
    variants Map(LowCardinality(String), String) COMMENT 'Experiment to variant',
    provider LowCardinality(String) COMMENT 'The provider',
    endpoint LowCardinality(Nullable(String)) COMMENT 'The base URL that is called',
    model LowCardinality(String) COMMENT 'The model',
    outcome LowCardinality(String) COMMENT 'How a turn or an attempt ended',
    error_class LowCardinality(String) COMMENT 'Why it failed, or waits',
    rating LowCardinality(String) COMMENT 'What the user thought of the answer',
    is_fallback Bool COMMENT 'An earlier candidate of the turn has failed',
    is_continuation Bool COMMENT 'The attempt goes on with a partial answer',
    is_regeneration Bool COMMENT 'message.sent: the message is answered once more',
    is_from_program Bool COMMENT 'message.sent: a program asked',
    time_to_first_token_ms Nullable(Float64) COMMENT 'From the call to the first token',
    duration_ms Nullable(Float64) COMMENT 'Of the attempt or of the turn',
    wait_ms Nullable(Float64) COMMENT 'provider.recovered: how long it was not called',
    ingestion_lag_ms Nullable(Int64) COMMENT 'From event_time to ingested_at, 0 where a clock was ahead; NULL where a rebuild wrote the row',
    input_tokens Nullable(UInt64) COMMENT 'Tokens that the provider read',
    output_tokens Nullable(UInt64) COMMENT 'Tokens that the provider wrote',
    cached_tokens Nullable(UInt64) COMMENT 'The part of input_tokens that came from a cache',
    reasoning_tokens Nullable(UInt64) COMMENT 'The part of output_tokens that was spent on reasoning',
    cost_usd Nullable(Decimal(18, 12)) COMMENT 'What the attempt cost, in USD'
)
ENGINE = MergeTree
PARTITION BY counted_at
ORDER BY (event_type, event_time)
-- Half an hour after counted_events believes a copy for the last time.
TTL toDateTime(counted_at) + INTERVAL 2 HOUR
SETTINGS ttl_only_drop_parts = 1, merge_with_ttl_timeout = 600
COMMENT 'Copies of what is charted of the events of users, made every hour. Read it through the view counted_events, never alone';

CREATE TABLE IF NOT EXISTS event_rollup_copies
(
    counted_at DateTime64(3, 'UTC') COMMENT 'The copy, as in event_rollup'
)
ENGINE = ReplacingMergeTree
ORDER BY counted_at
TTL toDateTime(counted_at) + INTERVAL 2 HOUR
COMMENT 'The copies in event_rollup that are whole. Of one that was broken off there is nothing here';

-- The hours that got rows since a copy was begun are found by it.
ALTER TABLE events ADD INDEX IF NOT EXISTS by_ingestion ingested_at TYPE minmax GRANULARITY 1;
ALTER TABLE events MATERIALIZE INDEX by_ingestion SETTINGS mutations_sync = 1;

-- Appends, as all that the embedded engine's default database can do. It is tried until it succeeds, lest the view that
-- depends on it goes on without it; one thread leaves a processor to those who look at a dashboard.
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
    model,
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
