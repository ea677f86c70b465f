-- One row is one metric of one variant and of the baseline beside it, by the end of the day `at` and by `estimator`: see
-- experiment_arms. Quantiles are there for the whole time alone (`step` is `total`), and unadjusted.
CREATE OR REPLACE VIEW experiment_pairs AS
SELECT
    experiment, segment, metric, kind, at, estimator,
    variant, units AS variant_units, denominator AS variant_denominator, mean AS variant_mean, variance AS variant_variance,
    anyIf(units, variant = {baseline:String}) OVER variants AS baseline_units,
    anyIf(denominator, variant = {baseline:String}) OVER variants AS baseline_denominator,
    anyIf(mean, variant = {baseline:String}) OVER variants AS baseline_mean,
    anyIf(variance, variant = {baseline:String}) OVER variants AS baseline_variance
FROM experiment_arms(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, metric = {metric:String}, step = {step:String}, segment = {segment:String})
WINDOW variants AS (PARTITION BY experiment, segment, metric, at, estimator)
QUALIFY variant != {baseline:String} AND baseline_units > 0;
