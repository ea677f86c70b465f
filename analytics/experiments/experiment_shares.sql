-- One row is one variant: how many units it has, and how many it should have by its weight (`weights` is JSON, variant to
-- weight). The p-value of the whole, in each row, says how likely it is that chance alone splits the units so unevenly
-- (sample ratio mismatch, χ²; its distribution is a finite sum for whole degrees of freedom).
CREATE OR REPLACE VIEW experiment_shares AS
WITH
    arrayFilter(weight -> weight.2 > 0, JSONExtractKeysAndValues({weights:String}, 'Float64')) AS weights,
    length(weights) - 1 AS freedom,
    chi_squared / 2 AS half
SELECT
    variant,
    units,
    recent_units,
    expected_share,
    mixed_units,
    exposed_at,
    if(freedom % 2 = 0, 0, erfc(sqrt(half))) + arraySum(
        term -> exp((term + freedom % 2 / 2) * log(half) - half - lgamma(term + 1 + freedom % 2 / 2)),
        range(toUInt64(intDiv(freedom, 2)))
    ) AS split_p_value
FROM
(
    SELECT
        weight.1 AS variant,
        units_of[variant] AS units,
        recent_units_of[variant] AS recent_units,
        weight.2 / arraySum(weights.2) AS expected_share,
        mixed_units,
        first_exposed AS exposed_at,
        sum(pow(units - expected_share * all_units, 2) / (expected_share * all_units)) OVER () AS chi_squared
    FROM
    (
        SELECT
            countIf(variants > 1) AS mixed_units,
            min(exposed_at) AS first_exposed,
            countIf(variants = 1 AND has(weights.1, variant)) AS all_units,
            sumMapIf(map(variant, 1), variants = 1) AS units_of,
            -- Of the last seven days.
            sumMapIf(map(variant, 1), variants = 1 AND exposed_at >= {to:DateTime64(3)} - INTERVAL 7 DAY) AS recent_units_of
        FROM experiment_exposures(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    )
    ARRAY JOIN weights AS weight
);
