-- One row is one metric of the units of one variant, by the end of the day `at`: how many units, how many of them have a part
-- in it before the exposure, and the sums, squares and products of numerator y and denominator d, and of the same before the
-- exposure, x and c. Every day adds to them only what that day has changed, so that all days together cost little more than
-- the last one. Of a quantile, which has no sums, there are the values of each unit that has any.
CREATE OR REPLACE VIEW experiment_moments AS
SELECT
    experiment,
    segment,
    metric,
    kind,
    variant,
    at,
    sum(changes.units) AS units,
    sum(changes.units_before) AS units_before,
    sum(changes.y) AS y, sum(changes.d) AS d, sum(changes.x) AS x, sum(changes.c) AS c,
    sum(changes.yy) AS yy, sum(changes.yd) AS yd, sum(changes.dd) AS dd,
    sum(changes.yx) AS yx, sum(changes.yc) AS yc, sum(changes.dx) AS dx, sum(changes.dc) AS dc,
    sum(changes.xx) AS xx, sum(changes.xc) AS xc, sum(changes.cc) AS cc,
    groupArrayArray(changes.units_values) AS units_values
FROM
(
    WITH
        -- Of a proportion, a unit has done it or has not, however often.
        if(kind = 'proportion', least(1, numerator_so_far), numerator_so_far) AS y1,
        if(kind = 'proportion', least(1, numerator_so_far - numerator_now), numerator_so_far - numerator_now) AS y0,
        denominator_so_far AS d1,
        denominator_so_far - denominator_now AS d0,
        if(kind = 'proportion', least(1, numerator_before), numerator_before) AS x1,
        -- A unit that was not there before counts with nothing in a mean, and not at all in a ratio.
        if(kind = 'ratio', denominator_before, 1) AS c1
    SELECT
        experiment,
        segment,
        metric,
        kind,
        variant,
        point,
        arrayFilter(later -> later >= point, groupUniqArray(point) OVER (PARTITION BY experiment, segment, metric)) AS points,
        countIf(is_first) AS units,
        countIf(is_first AND c1 > 0) AS units_before,
        sum(y1 - y0) AS y, sum(d1 - d0) AS d, sumIf(x1, is_first) AS x, sumIf(c1, is_first) AS c,
        sum(y1 * y1 - y0 * y0) AS yy, sum(y1 * d1 - y0 * d0) AS yd, sum(d1 * d1 - d0 * d0) AS dd,
        sum((y1 - y0) * x1) AS yx, sum((y1 - y0) * c1) AS yc, sum((d1 - d0) * x1) AS dx, sum((d1 - d0) * c1) AS dc,
        sumIf(x1 * x1, is_first) AS xx, sumIf(x1 * c1, is_first) AS xc, sumIf(c1 * c1, is_first) AS cc,
        groupArrayIf(unit_values, notEmpty(unit_values)) AS units_values
    FROM experiment_units(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, metric = {metric:String}, step = {step:String}, segment = {segment:String})
    ARRAY JOIN
        names AS metric,
        kinds AS kind,
        numerators_now AS numerator_now,
        denominators_now AS denominator_now,
        numerators_so_far AS numerator_so_far,
        denominators_so_far AS denominator_so_far,
        numerators_before AS numerator_before,
        denominators_before AS denominator_before,
        values_now AS unit_values
    WHERE NOT is_before
    GROUP BY experiment, segment, metric, kind, variant, point
) AS changes
ARRAY JOIN points AS at
GROUP BY experiment, segment, metric, kind, variant, at;
