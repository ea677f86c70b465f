-- How often the same event came again: what ingestion counted, batch by batch. It is not in events, which keep each once.
CREATE TABLE IF NOT EXISTS duplicates
(
    caught_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When they were inserted once more, and changed nothing' CODEC(DoubleDelta, ZSTD),
    partition UInt32 COMMENT 'The partition of the topic of events that they came from',
    events UInt32 COMMENT 'How many events of one batch had come before'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(caught_at)
ORDER BY caught_at
-- A row that is sent again under its token, since nobody answered, is dropped.
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Events that came again, one row for each batch that had some';

-- What a start runs beside its own processes is sampled too, and what servers of models write.
ALTER TABLE events
    COMMENT COLUMN component 'system.sampled: what was sampled: a process, api, worker or ingest; an engine that the same start runs, temporal, kafka or clickhouse; or model-server',
    COMMENT COLUMN cpu_share 'system.sampled: since the sample before; 1 is all of one processor, 2 all of two; NULL in the first sample of an engine',
    ADD COLUMN IF NOT EXISTS tokens_per_second Nullable(Float64) COMMENT 'system.sampled: tokens that the vLLM server wrote, whoever asked, a second since the sample before; NULL in the first sample' CODEC(ZSTD) AFTER kv_cache_share;
