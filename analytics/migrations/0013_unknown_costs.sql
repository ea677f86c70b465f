-- What a model without a price costs is not known. Its attempts state 0, which would make it the cheapest of all.
ALTER TABLE events
    UPDATE cost_usd = NULL
    WHERE event_type IN ('attempt.completed', 'attempt.failed') AND cost_usd = 0 AND price_version = '' AND (input_tokens > 0 OR output_tokens > 0)
    SETTINGS mutations_sync = 1;

ALTER TABLE events
    COMMENT COLUMN cost_usd 'attempt.completed, attempt.failed: what it cost, in USD; NULL where that is not known, as the model has no price';
