-- One row is one unit (a user or a conversation) that was exposed in the phase of the experiment; of all experiments where
-- none is named. A unit with more than one variant in the phase is to be left out of comparisons, and counted.
-- Units and turns go by hashes of their ids (cityHash64), here and in all that follows: numbers are grouped and joined in
-- half of the time and a third of the memory, and a collision among ten million turns has a chance of one in 300,000.
-- Smallest and largest values see nothing of a row that is there twice: hence no FINAL.
CREATE OR REPLACE VIEW experiment_exposures AS
SELECT
    experiment,
    if({unit:String} = 'conversation', cityHash64(conversation_id), cityHash64(user_key)) AS unit,
    argMinIf(events.variant, event_time, phase = {phase:UInt32}) AS variant,
    uniqExactIf(events.variant, phase = {phase:UInt32}) AS variants,
    minIf(event_time, phase = {phase:UInt32}) AS exposed_at,
    argMinIf(cityHash64(turn_id), event_time, phase = {phase:UInt32}) AS exposed_turn,
    -- In any phase: what came before it is free of the experiment.
    min(event_time) AS first_exposed_at,
    argMin(cityHash64(turn_id), event_time) AS first_exposed_turn
FROM events
WHERE event_type = 'variant.exposed'
    AND backtest_id = ''
    AND ({experiment:String} = '' OR experiment = {experiment:String})
    AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
GROUP BY experiment, unit
HAVING countIf(phase = {phase:UInt32}) > 0;
