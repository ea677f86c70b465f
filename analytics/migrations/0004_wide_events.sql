-- Columns for what is charted and was in data alone. Old rows get them from their data.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS subject String COMMENT 'What an event of the system is about, as provider/local; empty for the events of conversations' CODEC(ZSTD) AFTER attempt,
    ADD COLUMN IF NOT EXISTS parent_turn_id String COMMENT 'message.sent: the turn that this one follows; empty at the root of the conversation' CODEC(ZSTD) AFTER subject,
    ADD COLUMN IF NOT EXISTS regenerated_from_turn_id String COMMENT 'message.sent: the turn whose message is answered once more; empty where the turn is no regeneration' CODEC(ZSTD) AFTER parent_turn_id,
    ADD COLUMN IF NOT EXISTS is_from_program Bool COMMENT 'message.sent: a program asked, over the API for programs' AFTER regenerated_from_turn_id,
    ADD COLUMN IF NOT EXISTS endpoint LowCardinality(Nullable(String)) COMMENT 'attempt.*, provider.*, model.state_changed: the base URL that is called; empty where the provider''s kind has its own; NULL where nothing is called, and in events before 0.2' AFTER provider,
    ADD COLUMN IF NOT EXISTS rating LowCardinality(String) COMMENT 'feedback.given: up or down; empty where the user took it back' AFTER is_continuation,
    ADD COLUMN IF NOT EXISTS model_state LowCardinality(String) COMMENT 'model.state_changed: the state that the model came into' AFTER rating,
    ADD COLUMN IF NOT EXISTS attempt_count Nullable(UInt32) COMMENT 'turn.completed, turn.failed, turn.stopped: how many attempts the turn took' CODEC(ZSTD) AFTER duration_ms,
    ADD COLUMN IF NOT EXISTS wait_ms Nullable(Float64) COMMENT 'turn.waiting: how long until the next try, at most; provider.cooled_down: how long it is not called; provider.recovered: how long it was not called' CODEC(ZSTD) AFTER attempt_count,
    ADD COLUMN IF NOT EXISTS text_length Nullable(UInt32) COMMENT 'In UTF-16 code units. message.sent: the message; attempt.completed, attempt.failed: what the attempt wrote, without what it continued; turn.stopped: what is kept of the answer, as far as the user saw it' CODEC(ZSTD) AFTER wait_ms,
    ADD COLUMN IF NOT EXISTS continued_length Nullable(UInt32) COMMENT 'attempt.started: how much of the answer so far it continues, in UTF-16 code units; 0 where the answer begins anew' CODEC(ZSTD) AFTER text_length,
    ADD COLUMN IF NOT EXISTS tool_call_count Nullable(UInt32) COMMENT 'attempt.completed, attempt.failed: how many calls of tools it asked for' CODEC(ZSTD) AFTER continued_length,
    ADD COLUMN IF NOT EXISTS is_usage_estimated Bool COMMENT 'attempt.completed, attempt.failed: the provider did not count all of the tokens; what was missing is estimated from the texts' AFTER reasoning_tokens,
    ADD COLUMN IF NOT EXISTS is_rebuilt Bool COMMENT 'The row was written by deno task rebuild: ingested_at says when that was, and nothing of how long the event took' AFTER ingested_at;

-- A text loses its length with 0005, so that rows without a text keep what they have when this runs again.
ALTER TABLE events
    UPDATE
        parent_turn_id = if(event_type = 'message.sent', ifNull(data.parentTurnId::Nullable(String), ''), parent_turn_id),
        regenerated_from_turn_id = if(event_type = 'message.sent', ifNull(data.regeneratedFrom::Nullable(String), ''), regenerated_from_turn_id),
        is_from_program = is_from_program OR event_type = 'message.sent' AND isNotNull(data.request::Nullable(String)),
        endpoint = data.endpoint::Nullable(String),
        rating = if(event_type = 'feedback.given', ifNull(data.rating::Nullable(String), ''), rating),
        model_state = if(event_type = 'model.state_changed', ifNull(data.to::Nullable(String), ''), model_state),
        attempt_count = data.attempts.:Int64,
        wait_ms = multiIf(
            event_type IN ('turn.waiting', 'provider.cooled_down'),
            greatest(0, dateDiff('millisecond', event_time, parseDateTime64BestEffortOrNull(data.until::Nullable(String), 3, 'UTC'))),
            event_type = 'provider.recovered',
            data.cooledDownMs::Nullable(Float64),
            wait_ms),
        text_length = multiIf(
            event_type = 'turn.stopped',
            data.textLength.:Int64,
            event_type IN ('message.sent', 'attempt.completed', 'attempt.failed') AND isNotNull(data.text::Nullable(String)),
            lengthUTF8(data.text::Nullable(String)) + length(extractAll(ifNull(data.text::Nullable(String), ''), '[\\x{10000}-\\x{10FFFF}]')),
            text_length),
        continued_length = if(event_type = 'attempt.started', data.continues.:Int64, continued_length),
        tool_call_count = if(
            event_type IN ('attempt.completed', 'attempt.failed') AND isNull(tool_call_count),
            JSONLength(ifNull(toJSONString(data.toolCalls), '[]')),
            tool_call_count),
        is_usage_estimated = ifNull(data.isUsageEstimated.:Bool, false)
    WHERE event_type IN (
        'message.sent', 'turn.waiting', 'turn.completed', 'turn.failed', 'turn.stopped', 'attempt.started', 'attempt.completed', 'attempt.failed',
        'feedback.given', 'provider.cooled_down', 'provider.recovered', 'model.state_changed')
    SETTINGS mutations_sync = 1;

-- One conversation, turn or user is found without reading all others.
ALTER TABLE events
    ADD INDEX IF NOT EXISTS by_conversation conversation_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS by_turn turn_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS by_user user_key TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE events
    MATERIALIZE INDEX by_conversation,
    MATERIALIZE INDEX by_turn,
    MATERIALIZE INDEX by_user
    SETTINGS mutations_sync = 1;

-- How many of the last batches ClickHouse still knows by their tokens. Four partitions with a batch every 300 ms make
-- 10,000 of them in 12 minutes.
ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 10000;
ALTER TABLE dead_letters MODIFY SETTING non_replicated_deduplication_window = 10000;

ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS replayed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When deno task replay-dead-letters made an event of it; NULL while it is none';
