-- How processes and servers of models fare. NULL where a figure does not apply to the component, or was not found.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS component LowCardinality(String) COMMENT 'system.sampled: what was sampled: api, worker, ingest or model-server' AFTER model_state,
    ADD COLUMN IF NOT EXISTS instance LowCardinality(String) COMMENT 'system.sampled: which of several: host and number of a process, or the base URL of a server' AFTER component,
    ADD COLUMN IF NOT EXISTS cpu_share Nullable(Float64) COMMENT 'system.sampled: since the sample before; 1 is all of one processor, 2 all of two' CODEC(ZSTD) AFTER instance,
    ADD COLUMN IF NOT EXISTS memory_bytes Nullable(UInt64) COMMENT 'system.sampled: what is resident' CODEC(ZSTD) AFTER cpu_share,
    ADD COLUMN IF NOT EXISTS event_loop_lag_ms Nullable(Float64) COMMENT 'system.sampled: the longest time since the sample before for which the event loop let others wait' CODEC(ZSTD) AFTER memory_bytes,
    ADD COLUMN IF NOT EXISTS calls_under_way Nullable(UInt32) COMMENT 'system.sampled: calls to providers that the process has under way' CODEC(ZSTD) AFTER event_loop_lag_ms,
    ADD COLUMN IF NOT EXISTS calls_waiting Nullable(UInt32) COMMENT 'system.sampled: calls of the process that wait for a place at a provider' CODEC(ZSTD) AFTER calls_under_way,
    ADD COLUMN IF NOT EXISTS events_unpublished Nullable(UInt32) COMMENT 'system.sampled: events that are in the store and not yet in Kafka' CODEC(ZSTD) AFTER calls_waiting,
    ADD COLUMN IF NOT EXISTS events_not_ingested Nullable(UInt32) COMMENT 'system.sampled: events that are in Kafka and not yet in ClickHouse, in the partitions that the process reads' CODEC(ZSTD) AFTER events_unpublished,
    ADD COLUMN IF NOT EXISTS requests_running Nullable(UInt32) COMMENT 'system.sampled: requests that the vLLM server works on, whoever asked' CODEC(ZSTD) AFTER events_not_ingested,
    ADD COLUMN IF NOT EXISTS requests_waiting Nullable(UInt32) COMMENT 'system.sampled: requests that wait at the vLLM server' CODEC(ZSTD) AFTER requests_running,
    ADD COLUMN IF NOT EXISTS kv_cache_share Nullable(Float64) COMMENT 'system.sampled: how much of its cache of keys and values the vLLM server uses, 0 to 1' CODEC(ZSTD) AFTER requests_waiting;
