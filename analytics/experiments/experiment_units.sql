-- One row is one unit on one day on which it did something (`step` is `day`), or one unit (`total`). Arrays with one element
-- for each metric say what of its numerator and denominator came at this row (`now`), what up to and with it (`so_far`), and
-- what in the weeks before the unit was exposed (`before`); of a quantile there are the values themselves, in `total` alone.
-- A metric is one line here and one in events/contract/experiment_metrics.ts; unpriced_turns is none, and comes with
-- cost_per_turn: of which turns it is not known what they cost. `segment` splits the units by what was so
-- before they were exposed.
CREATE OR REPLACE VIEW experiment_units AS
SELECT
    experiment,
    if({segment:String} = 'visitor', if(countIf(is_before) OVER whole > 0, 'returning', 'new'), anyIf(part, part != '') OVER whole) AS segment,
    variant,
    unit,
    point,
    is_first,
    is_before,
    metrics.1 AS names,
    metrics.2 AS kinds,
    metrics.3 AS numerators_now,
    metrics.4 AS denominators_now,
    metrics.5 AS values_now,
    sumForEachIf(metrics.3, NOT is_before) OVER so_far AS numerators_so_far,
    sumForEachIf(metrics.4, NOT is_before) OVER so_far AS denominators_so_far,
    arrayResize(sumForEachIf(metrics.3, is_before) OVER whole, length(metrics), 0.) AS numerators_before,
    arrayResize(sumForEachIf(metrics.4, is_before) OVER whole, length(metrics), 0.) AS denominators_before
FROM
(
    SELECT
        experiment,
        unit,
        variant,
        is_before,
        -- What a unit did within the day of its exposure counts there, and so does the turn that exposed it.
        if({step:String} = 'day', greatest(toDate(began_at), toDate(exposed_at)), toDate({to:DateTime64(3)})) AS point,
        is_before OR countIf(is_exposed_turn) > 0 AS is_first,
        multiIf(
            {segment:String} = 'asked_for', anyIf(asked_for, is_exposed_turn),
            {segment:String} = 'client', if(countIf(is_exposed_turn) = 0, '', if(countIf(is_exposed_turn AND is_of_program) > 0, 'program', 'app')),
            ''
        ) AS part,
        groupArrayArrayIf(first_tokens_ms, NOT is_before) AS all_first_tokens_ms,
        groupArrayIf(duration_ms, NOT is_before AND last_outcome = 'completed') AS all_durations_ms,
        arrayFilter(
            metric -> ({metric:String} IN ('', metric.1) OR {metric:String} = 'cost_per_turn' AND metric.1 = 'unpriced_turns') AND ({step:String} = 'total' OR metric.2 != 'quantile'),
            [
                ('thumbs_up_rate', 'ratio', countIf(last_rating = 'up'), countIf(last_rating != ''), []),
                ('thumbs_down_rate', 'ratio', countIf(last_rating = 'down'), countIf(last_outcome != ''), []),
                ('completion_rate', 'ratio', countIf(last_outcome = 'completed'), countIf(last_outcome != ''), []),
                ('failure_rate', 'ratio', countIf(last_outcome = 'failed'), countIf(last_outcome != ''), []),
                ('stop_rate', 'ratio', countIf(last_outcome = 'stopped'), countIf(last_outcome != ''), []),
                ('regenerate_rate', 'ratio', countIf(is_regeneration), count(), []),
                ('fallback_rate', 'ratio', countIf(fell_back AND last_outcome != ''), countIf(last_outcome != ''), []),
                ('cost_per_turn', 'ratio', ifNull(sum(cost_usd), 0), count(cost_usd), []),
                ('unpriced_turns', 'ratio', count() - count(cost_usd), count(), []),
                ('output_tokens', 'ratio', sum(output_tokens), count(), []),
                ('turns_per_user', 'mean', count(), is_first, []),
                ('retention', 'proportion', uniqExact(toDate(began_at)) - is_first, is_first, []),
                ('time_to_first_token', 'quantile', 0, 0, all_first_tokens_ms),
                ('time_to_first_token_p95', 'quantile', 0, 0, all_first_tokens_ms),
                ('duration', 'quantile', 0, 0, all_durations_ms),
                ('duration_p95', 'quantile', 0, 0, all_durations_ms)
            ]::Array(Tuple(String, String, Float64, Float64, Array(Float64)))
        ) AS metrics
    FROM experiment_turns(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, segment = {segment:String})
    GROUP BY experiment, unit, variant, is_before, point
)
WINDOW
    so_far AS (PARTITION BY experiment, unit ORDER BY point),
    whole AS (PARTITION BY experiment, unit);
