-- One row is one quantile of one variant, of all its turns together, with the variance of that quantile. Turns of one unit
-- resemble each other, so the interval comes from the units: the share of values up to the quantile is a ratio over the
-- units with a variance by the delta method, and that share's interval, read off the sorted values, is the quantile's
-- (Woodruff 1952; the same for clusters in Deng, Knoblich, Lu 2018). It needs no estimate of a density.
CREATE OR REPLACE VIEW experiment_quantiles AS
WITH
    1.959963984540054 AS z,
    toFloat64(length(sorted)) AS n,
    length(units_values) AS clusters,
    sorted[toUInt64(ceil(level * n))] AS quantile,
    arrayMap(own -> arrayCount(value -> value <= quantile, own), units_values) AS below,
    arraySum(below) / n AS share,
    sqrt(clusters / (clusters - 1) * arraySum((own, own_below) -> pow(own_below - share * length(own), 2), units_values, below)) / n AS share_error,
    sorted[toUInt64(greatest(1., floor((level - z * share_error) * n)))] AS low,
    sorted[toUInt64(least(n, ceil((level + z * share_error) * n)))] AS high
SELECT
    experiment,
    segment,
    metric,
    'quantile' AS kind,
    variant,
    toDate({to:DateTime64(3)}) AS at,
    clusters AS units,
    n AS denominator,
    quantile AS mean,
    pow((high - low) / (2 * z), 2) AS variance
FROM
(
    SELECT
        experiment,
        segment,
        variant,
        measure,
        groupArray(own_values) AS units_values,
        arraySort(groupArrayArray(own_values)) AS sorted
    FROM
    (
        SELECT
            experiment,
            variant,
            measure,
            multiIf(
                {segment:String} = 'asked_for', anyIf(asked_for, is_exposed_turn),
                {segment:String} = 'client', if(countIf(is_exposed_turn AND is_of_program) > 0, 'program', 'app'),
                {segment:String} = 'visitor', if(countIf(is_before) > 0, 'returning', 'new'),
                ''
            ) AS segment,
            groupArrayArrayIf(turn_values, NOT is_before) AS own_values
        FROM experiment_turns(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
        ARRAY JOIN
            ['time_to_first_token', 'duration'] AS measure,
            [first_tokens_ms, if(last_outcome = 'completed', [duration_ms], [])] AS turn_values
        WHERE {metric:String} IN ('', measure, concat(measure, '_p95'))
        GROUP BY experiment, unit, variant, measure
    )
    WHERE notEmpty(own_values)
    GROUP BY experiment, segment, variant, measure
)
ARRAY JOIN
    [measure, concat(measure, '_p95')] AS metric,
    [0.5, 0.95] AS level
WHERE clusters > 1 AND {metric:String} IN ('', metric);
