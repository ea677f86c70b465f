-- One row is one variant in one phase of an experiment: how many units (users or conversations) were exposed to it, and in
-- how many turns; of all experiments where none is named. A unit that got several variants is counted in each of them.
CREATE OR REPLACE VIEW experiment_exposure_counts AS
SELECT
    experiment,
    phase,
    variant,
    uniqExact(cityHash64(if(toString(data.unit) = 'conversation', conversation_id, user_key))) AS units,
    uniqExact(cityHash64(turn_id)) AS turns
FROM events
WHERE event_type = 'variant.exposed'
    AND backtest_id = ''
    AND ({experiment:String} = '' OR experiment = {experiment:String})
GROUP BY experiment, phase, variant;
