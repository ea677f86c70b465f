-- What a backtest runs are turns like all others, told apart by these columns: every view but the comparison leaves them out.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS backtest_id LowCardinality(String) COMMENT 'The backtest that runs the turn; empty for a turn of a user' AFTER variants,
    ADD COLUMN IF NOT EXISTS backtest_turn_id String COMMENT 'The user''s turn that the backtest answers again; empty for a turn of a user' CODEC(ZSTD) AFTER backtest_id;
