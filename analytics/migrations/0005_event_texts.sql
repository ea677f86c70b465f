-- What people and models wrote, apart from what is counted: kept for its own time, and read by those who need the words.
-- The order brings a conversation's texts together.
CREATE TABLE IF NOT EXISTS event_texts
(
    event_id UUID COMMENT 'The event, as in events',
    event_type LowCardinality(String) COMMENT 'Its type',
    event_time DateTime64(3, 'UTC') COMMENT 'Its time' CODEC(DoubleDelta, ZSTD),
    tenant LowCardinality(String) COMMENT 'The tenant',
    user_key String COMMENT 'An HMAC of the user''s id, never the id' CODEC(ZSTD),
    conversation_id String COMMENT 'The conversation; empty where the event belongs to none' CODEC(ZSTD),
    turn_id String COMMENT 'The turn; empty where the event belongs to none' CODEC(ZSTD),
    attempt UInt32 COMMENT 'The number of the attempt within its turn, from 1; 0 where the event belongs to none',
    text String COMMENT 'message.sent: the message, or the beginning of what a program asked; attempt.completed, attempt.failed: what the attempt wrote, without what it continued' CODEC(ZSTD(3)),
    reasoning String COMMENT 'attempt.completed, attempt.failed: what the model thought' CODEC(ZSTD(3)),
    request String COMMENT 'message.sent: what a program asked, as JSON; empty where a person did' CODEC(ZSTD(3)),
    tool_calls String COMMENT 'attempt.completed, attempt.failed: the tools that it wants called, as JSON; empty where there is none' CODEC(ZSTD(3)),
    title String COMMENT 'conversation.created, conversation.renamed: the title that was given' CODEC(ZSTD(3)),
    comment String COMMENT 'feedback.given: what the user said' CODEC(ZSTD(3)),
    INDEX by_event event_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_turn turn_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_user user_key TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(event_time)
ORDER BY (conversation_id, event_time, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The texts of events, one row for each event that has some. Read it with FINAL';

INSERT INTO event_texts (event_id, event_type, event_time, tenant, user_key, conversation_id, turn_id, attempt, text, reasoning, request, tool_calls, title, comment)
SELECT
    event_id,
    event_type,
    event_time,
    tenant,
    user_key,
    conversation_id,
    turn_id,
    attempt,
    ifNull(data.text::Nullable(String), '') AS text,
    ifNull(data.reasoning::Nullable(String), '') AS reasoning,
    ifNull(data.request::Nullable(String), '') AS request,
    ifNull(toJSONString(data.toolCalls), '') AS tool_calls,
    ifNull(data.title::Nullable(String), '') AS title,
    ifNull(data.comment::Nullable(String), '') AS comment
FROM events FINAL
WHERE text != '' OR reasoning != '' OR request != '' OR tool_calls != '' OR title != '' OR comment != ''
-- The rows may be of any months.
SETTINGS max_partitions_per_insert_block = 0;

-- Takes the texts out of the rows that are there, and keeps them out of those to come.
ALTER TABLE events
    MODIFY COLUMN data JSON(SKIP text, SKIP reasoning, SKIP request, SKIP toolCalls, SKIP title, SKIP comment)
    COMMENT 'The event''s own data as the contract of events has it, without its texts: data.usage.inputTokens. Those are in event_texts' CODEC(ZSTD);
