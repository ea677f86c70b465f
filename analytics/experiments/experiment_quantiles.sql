-- One row is a row of experiment_moments: where its metric is a quantile, that quantile of all turns together, with the
-- variance of it, and `units` and `d` are how many units and values there are; else it is as it was.
-- Turns of one unit resemble each other, so the interval comes from the units: the share of values up to the quantile is a
-- ratio over the units with a variance by the delta method, and that share's interval, read off the sorted values, is the
-- quantile's (Woodruff 1952; the same for clusters in Deng, Knoblich, Lu 2018). It needs no estimate of a density.
-- It stands in the way of the moments instead of beside it so that the turns are read once for all metrics.
CREATE OR REPLACE VIEW experiment_quantiles AS
WITH
    1.959963984540054 AS z,
    if(endsWith(metric, '_p95'), 0.95, 0.5) AS level,
    arraySort(arrayFlatten(units_values)) AS sorted,
    toFloat64(length(sorted)) AS n,
    length(units_values) AS clusters,
    sorted[toUInt64(ceil(level * n))] AS value_at_level,
    arrayMap(own -> arrayCount(value -> value <= value_at_level, own), units_values) AS below,
    arraySum(below) / n AS share_below,
    sqrt(clusters / (clusters - 1) * arraySum((own, own_below) -> pow(own_below - share_below * length(own), 2), units_values, below)) / n AS share_error,
    sorted[toUInt64(greatest(1., floor((level - z * share_error) * n)))] AS low,
    sorted[toUInt64(least(n, ceil((level + z * share_error) * n)))] AS high
SELECT
    * EXCEPT (units, d, units_values),
    if(kind = 'quantile', clusters, moments.units) AS units,
    if(kind = 'quantile', n, moments.d) AS d,
    if(kind = 'quantile', value_at_level, 0.) AS quantile,
    if(kind = 'quantile', pow((high - low) / (2 * z), 2), 0.) AS quantile_variance
FROM experiment_moments(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, metric = {metric:String}, step = {step:String}, segment = {segment:String}) AS moments;
