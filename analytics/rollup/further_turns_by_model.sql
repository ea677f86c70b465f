-- The turns in which a model was called, at any time, where first_model of counted_events need not say so: those that called
-- it in a later attempt, and those that have an event in the hours that are not read from the copy; all where there is none.
-- It asks the tables themselves: whichever of them tells of an attempt, the turn is the same.
CREATE OR REPLACE VIEW further_turns_by_model AS
SELECT turn
FROM event_rollup
PREWHERE event_type = 'attempt.started' AND model = {model:String}
WHERE counted_at = (SELECT counted_at FROM counted_copy) AND (attempt != 1 OR turn IN (SELECT turn FROM uncounted_turns))
UNION ALL
SELECT cityHash64(turn_id) AS turn
FROM events FINAL
PREWHERE event_type = 'attempt.started'
    AND (isNull((SELECT counted_at FROM counted_copy)) OR toStartOfHour(event_time) IN (SELECT hour FROM uncounted_hours))
WHERE backtest_id = '' AND model = {model:String};
