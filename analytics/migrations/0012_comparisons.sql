-- Which of two answers users find better. The models stand beside the turns, so that ranking them joins nothing.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS compared_turn_ids Array(String) COMMENT 'comparison.voted: the two turns, the same in the same order at each vote on them; empty otherwise' CODEC(ZSTD) AFTER rating,
    ADD COLUMN IF NOT EXISTS compared_models Array(LowCardinality(String)) COMMENT 'comparison.voted: who wrote these answers, by the models'' names in turnlog.yaml; empty otherwise' AFTER compared_turn_ids,
    ADD COLUMN IF NOT EXISTS winner LowCardinality(String) COMMENT 'comparison.voted: first or second is better, tie where both are as good, neither where none is any good' AFTER compared_models;
