-- Every event, one row each. An event that is delivered twice has the same sorting key, so that FINAL, with which every
-- view reads, sees it once. Most questions are about some types of event over a range of time: hence the order.
CREATE TABLE IF NOT EXISTS events
(
    event_id UUID COMMENT 'Unique; the same whenever the same fact is told again',
    event_type LowCardinality(String) COMMENT 'What happened, as noun.past_participle: turn.completed',
    event_time DateTime64(3, 'UTC') COMMENT 'When it happened, set once by the producer' CODEC(DoubleDelta, ZSTD),
    source LowCardinality(String) COMMENT 'The part of Turnlog that states it',
    tenant LowCardinality(String) COMMENT 'The tenant',
    user_key String COMMENT 'An HMAC of the user''s id, never the id' CODEC(ZSTD),
    conversation_id String COMMENT 'The conversation; empty where the event belongs to none' CODEC(ZSTD),
    turn_id String COMMENT 'The turn: one message of a user and the work done to answer it; empty where the event belongs to none' CODEC(ZSTD),
    attempt UInt32 COMMENT 'The number of the attempt within its turn, from 1; 0 where the event belongs to none',
    variants Map(LowCardinality(String), String) COMMENT 'Experiment to variant, for the experiments that the turn takes part in',

    route LowCardinality(String) COMMENT 'message.sent, turn.started: the route or model that was asked for',
    provider LowCardinality(String) COMMENT 'attempt.*: the provider''s name in turnlog.yaml',
    model LowCardinality(String) COMMENT 'attempt.*: the model''s name in turnlog.yaml',
    request_model LowCardinality(String) COMMENT 'attempt.*: the model as it was asked of the provider (gen_ai.request.model)',
    response_model LowCardinality(String) COMMENT 'attempt.completed, attempt.failed: the model that answered, in the provider''s words (gen_ai.response.model)',
    outcome LowCardinality(String) COMMENT 'How a turn or an attempt ended: completed, stopped or failed; empty for events that end none',
    error_class LowCardinality(String) COMMENT 'turn.failed, attempt.failed: why; turn.waiting: why it waits; empty otherwise',
    finish_reason LowCardinality(String) COMMENT 'turn.completed, attempt.completed: why the model stopped, in Turnlog''s words',
    is_fallback Bool COMMENT 'attempt.*: an earlier candidate of the turn has failed',
    is_continuation Bool COMMENT 'attempt.*: the attempt goes on with a partial answer',

    -- NULL where a number would be an invention, so that averages and percentiles leave those rows out.
    time_to_first_token_ms Nullable(Float64) COMMENT 'attempt.completed, attempt.failed: from the call to the first token; NULL if none came' CODEC(ZSTD),
    duration_ms Nullable(Float64) COMMENT 'Of the attempt (attempt.completed, attempt.failed) or of the whole turn (turn.completed, turn.failed, turn.stopped)' CODEC(ZSTD),
    -- Of attempts alone, which are what is spent: a sum over any events counts nothing twice. A turn's totals are in data.
    input_tokens Nullable(UInt64) COMMENT 'attempt.completed, attempt.failed: tokens that the provider read' CODEC(ZSTD),
    output_tokens Nullable(UInt64) COMMENT 'attempt.completed, attempt.failed: tokens that the provider wrote' CODEC(ZSTD),
    cached_tokens Nullable(UInt64) COMMENT 'The part of input_tokens that came from the provider''s cache' CODEC(ZSTD),
    reasoning_tokens Nullable(UInt64) COMMENT 'The part of output_tokens that was spent on reasoning' CODEC(ZSTD),
    cost_usd Nullable(Decimal(18, 12)) COMMENT 'attempt.completed, attempt.failed: what it cost, in USD' CODEC(ZSTD),
    price_version LowCardinality(String) COMMENT 'The day from which the price behind cost_usd holds; empty where the model has none',

    data JSON COMMENT 'The event''s own data, whole, as the contract of events has it: data.text, data.usage.inputTokens' CODEC(ZSTD),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the row was inserted here' CODEC(DoubleDelta, ZSTD)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(event_time)
ORDER BY (event_type, event_time, event_id)
-- A batch that is sent again under its token is dropped before it is written.
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Every event of Turnlog. Read it with FINAL: an event may be there twice until parts are merged';
