-- One row is one metric of one variant beside the baseline, by the end of the day `at` and by one estimator: see
-- experiment_pairs. Differences and lifts have two intervals of 95 % each:
-- - sequential: holds at every look at once (asymptotic confidence sequence; Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2021),
--   tightest around `tuned_units` units
-- - fixed: holds for one look at a time that was fixed before (Welch for means, two proportions, else z)
-- The interval of a lift is Fieller's (1954): it leaves out 0 exactly where that of the difference does, and there is none
-- where the baseline itself may be 0.
CREATE OR REPLACE VIEW experiment_comparisons AS
WITH
    0.05 AS alpha,
    1.959963984540054 AS z_alpha,
    0.8416212335729143 AS z_power,
    5000 AS tuned_units,
    sqrt((log(1 - 2 * log(alpha)) - 2 * log(alpha)) / tuned_units) AS rho,
    -- How many standard errors wide the sequential interval is to each side, at n units.
    n -> sqrt(2 * (1 + 1 / (n * rho * rho)) * (log(n * rho * rho + 1) / 2 - log(alpha))) AS sequential_width,

    variant_mean - baseline_mean AS difference,
    sqrt(variant_variance + baseline_variance) AS standard_error,
    difference / standard_error AS z,
    toFloat64(variant_units + baseline_units) AS n,
    sequential_width(n) AS sequential_z,
    exp(least(0., log(n * rho * rho + 1) / 2 - z * z / 2 / (1 + 1 / (n * rho * rho)))) AS p_at_any_time,

    multiIf(estimator != 'unadjusted', 'z', kind = 'mean', 'welch', kind = 'proportion', 'two-proportions', 'z') AS fixed_test,
    -- Student's t has no function in ClickHouse: the middle of its distribution is an integral of a power of a cosine,
    -- which Simpson's rule takes, and its quantile is found by Newton's method.
    pow(variant_variance + baseline_variance, 2)
        / (pow(variant_variance, 2) / (variant_units - 1) + pow(baseline_variance, 2) / (baseline_units - 1)) AS freedom,
    2 * exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(pi()) AS t_scale,
    t -> least(atan(t / sqrt(freedom)), 40 / sqrt(freedom)) AS t_angle,
    t -> t_scale * t_angle(t) / 1200 * arraySum(
        step -> multiIf(step IN (0, 400), 1, step % 2 = 1, 4, 2) * pow(cos(t_angle(t) * step / 400), freedom - 1),
        range(401)
    ) AS t_middle,
    t -> t_scale / sqrt(freedom) * pow(1 + t * t / freedom, -(freedom + 1) / 2) AS t_density,
    if(fixed_test = 'welch', arrayFold((t, step) -> t - (t_middle(t) - 1 + alpha) / t_density(t), range(6), z_alpha * (1 + (z_alpha * z_alpha + 1) / (4 * freedom))), z_alpha) AS fixed_z,
    (variant_mean * variant_units + baseline_mean * baseline_units) / n AS pooled_share,
    difference / sqrt(pooled_share * (1 - pooled_share) * (1 / variant_units + 1 / baseline_units)) AS pooled_z,
    multiIf(
        fixed_test = 'welch', greatest(0., 1 - t_middle(abs(z))),
        fixed_test = 'two-proportions', erfc(abs(pooled_z) / sqrt(2)),
        erfc(abs(z) / sqrt(2))
    ) AS p_at_one_time,

    width -> pow(baseline_mean, 2) - pow(width, 2) * baseline_variance AS fieller_base,
    width -> sqrt(greatest(0., pow(width, 2) * (pow(baseline_mean, 2) * variant_variance + pow(variant_mean, 2) * baseline_variance)
        - pow(width, 4) * baseline_variance * variant_variance)) AS fieller_root,
    (width, side) -> if(
        fieller_base(width) > 0,
        (baseline_mean * variant_mean + side * fieller_root(width)) / fieller_base(width) - 1,
        NULL
    ) AS lift_bound
SELECT
    experiment, segment, metric, kind, at, variant, estimator,
    baseline_units, baseline_denominator, baseline_mean,
    variant_units, variant_denominator, variant_mean,
    difference, standard_error,
    difference / nullIf(baseline_mean, 0) AS lift,
    if(isFinite(z), p_at_any_time, NULL) AS sequential_p_value,
    difference - sequential_z * standard_error AS sequential_low,
    difference + sequential_z * standard_error AS sequential_high,
    lift_bound(sequential_z, -1) AS sequential_lift_low,
    lift_bound(sequential_z, 1) AS sequential_lift_high,
    fixed_test,
    if(isFinite(z), p_at_one_time, NULL) AS fixed_p_value,
    difference - fixed_z * standard_error AS fixed_low,
    difference + fixed_z * standard_error AS fixed_high,
    lift_bound(fixed_z, -1) AS fixed_lift_low,
    lift_bound(fixed_z, 1) AS fixed_lift_high,
    -- What the sequential test would find in four cases of five, were it looked at now for the first time.
    (sequential_z + z_power) * standard_error / nullIf(abs(baseline_mean), 0) AS detectable_lift,
    -- How many units it takes until that is the lift that is asked for: the interval narrows with the root of the units.
    arrayFold(
        (needed, step) -> n * pow((sequential_width(needed) + z_power) * standard_error / ({worthwhile_lift:Float64} * baseline_mean), 2),
        range(20),
        n
    ) AS needed_units
FROM experiment_pairs(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, metric = {metric:String}, step = {step:String}, segment = {segment:String}, baseline = {baseline:String});
