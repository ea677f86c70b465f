-- A topic that is made anew begins at offset 0 again, and its dead letters must not take the places of older ones. A sorting
-- key takes new columns only, so that the time of the message is there twice.
ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS message_ms UInt64 COMMENT 'Its time in Kafka, in milliseconds since 1970, which tells apart the same offsets of a topic that was made anew; 0 in letters from before this column' AFTER message_time,
    MODIFY ORDER BY (topic, partition, offset, message_ms);
