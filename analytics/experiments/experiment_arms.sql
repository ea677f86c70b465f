-- One row is one metric of one variant, by the end of the day `at`: its mean and the variance of that mean, by `estimator`
-- - unadjusted: as it was counted
-- - cuped: with what is known of the units from before (CUPED; Deng, Xu, Kohavi, Walker 2013)
-- - before: of the weeks before, where the variants should not differ
-- The last two are there where enough units of each variant are known from before, and for no quantile. From a few, or with
-- those of one variant alone, the variants would seem to differ before, and CUPED would take out what was never there.
-- A mean is a sum of numerators by a sum of denominators, the units being independent of each other and the turns of a unit
-- not: its variance is that of the residual y - mean * d by the delta method (Deng, Knoblich, Lu 2018). Where each unit
-- has the denominator 1, this is the textbook's variance of a mean.
CREATE OR REPLACE VIEW experiment_arms AS
WITH
    -- As many as any verdict takes: with fewer the normal distribution is too far away.
    100 AS units_before_min,
    min(units_before) OVER variants >= units_before_min AND isFinite(slope) AS is_known_before,
    y / d AS raw_mean,
    d / units AS d_mean,
    if(c = 0, 0, x / c) AS raw_before,
    c / units AS c_mean,
    -- Of the residuals, one unit's.
    (yy - 2 * raw_mean * yd + raw_mean * raw_mean * dd) / (units - 1) / (d_mean * d_mean) AS residual_variance,
    if(c = 0, 0, (xx - 2 * raw_before * xc + raw_before * raw_before * cc) / (units - 1) / (c_mean * c_mean)) AS before_residual_variance,
    if(c = 0, 0, (yx - raw_before * yc - raw_mean * dx + raw_mean * raw_before * dc) / (units - 1) / (d_mean * c_mean)) AS residual_covariance,
    -- One slope for all variants, from within each of them, so that an effect does not bend it.
    sum((units - 1) * residual_covariance) OVER variants / sum((units - 1) * before_residual_variance) OVER variants AS slope,
    raw_mean - slope * (raw_before - sum(x) OVER variants / sum(c) OVER variants) AS cuped_mean,
    residual_variance - 2 * slope * residual_covariance + slope * slope * before_residual_variance AS cuped_residual_variance
SELECT
    experiment, segment, metric, kind, variant, at, estimator, units, denominator,
    if(kind = 'quantile', quantile, estimate.1) AS mean,
    if(kind = 'quantile', quantile_variance, greatest(0., estimate.2) / units) AS variance
FROM
(
    SELECT
        experiment, segment, metric, kind, variant, at, units, d AS denominator, quantile, quantile_variance,
        if(is_known_before, ['unadjusted', 'cuped', 'before'], ['unadjusted']) AS estimators,
        arrayResize([(raw_mean, residual_variance), (cuped_mean, cuped_residual_variance), (raw_before, before_residual_variance)], length(estimators)) AS estimates
    FROM experiment_quantiles(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, metric = {metric:String}, step = {step:String}, segment = {segment:String})
    -- A variance takes two units, and a rate one case of which it is the rate.
    WHERE units > 1 AND d > 0
    WINDOW variants AS (PARTITION BY experiment, segment, metric, at)
)
ARRAY JOIN estimators AS estimator, estimates AS estimate;
