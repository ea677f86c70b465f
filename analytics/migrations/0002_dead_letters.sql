-- Messages that ingestion could not take, whole. The same message may be set aside twice after a crash; FINAL sees it once.
CREATE TABLE IF NOT EXISTS dead_letters
(
    topic LowCardinality(String) COMMENT 'The Kafka topic of the message',
    partition UInt32 COMMENT 'Its partition',
    offset UInt64 COMMENT 'Its offset',
    message_time DateTime64(3, 'UTC') COMMENT 'Its time in Kafka',
    failed_at DateTime64(3, 'UTC') COMMENT 'When it was set aside',
    reason_class LowCardinality(String) COMMENT 'not-json, not-an-event, or refused: by ClickHouse, as data',
    reason String COMMENT 'What was wrong, in words' CODEC(ZSTD),
    key String COMMENT 'The message''s key' CODEC(ZSTD),
    value String COMMENT 'The message as it came, in this encoding' CODEC(ZSTD),
    value_encoding Enum8('text' = 1, 'base64' = 2) COMMENT 'base64 where the bytes are not valid UTF-8'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(message_time)
ORDER BY (topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Messages that could not become events, one row each. Read it with FINAL';
