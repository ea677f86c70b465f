-- One row is one turn of a unit that was exposed to one variant alone: from the turn of its exposure on, or, as `is_before`,
-- in the 28 days before it was exposed in any phase. All turns of the unit count, also those that the experiment does not
-- reach: who leaves a variant behind must not leave its results.
CREATE OR REPLACE VIEW experiment_turns AS
SELECT
    experiment,
    unit,
    variant,
    exposed_at,
    began_at,
    turn = exposed_turn AS is_exposed_turn,
    began_at < first_exposed_at AND turn != first_exposed_turn AS is_before,
    asked_for,
    is_of_program,
    is_regeneration,
    ['', 'completed', 'failed', 'stopped'][last_end % 4 + 1] AS last_outcome,
    duration_ms,
    fell_back,
    -- A rating that was taken back is none.
    ['', 'up', 'down'][last_feedback % 4 + 1] AS last_rating,
    cost_usd,
    output_tokens,
    first_tokens_ms
FROM
(
    WITH
        event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AS is_end,
        -- A time with a number from 0 to 3 behind it: the largest has the last number. argMax would keep texts, and take
        -- more memory for each of a million turns than all else together.
        number -> toUnixTimestamp64Milli(event_time) * 4 + number AS timed
    SELECT
        any(if({unit:String} = 'conversation', cityHash64(conversation_id), cityHash64(user_key))) AS unit,
        cityHash64(turn_id) AS turn,
        minIf(event_time, event_type IN ('message.sent', 'variant.exposed')) AS began_at,
        if({segment:String} = 'asked_for', anyIf(route, event_type = 'message.sent'), '') AS asked_for,
        max(is_from_program) AS is_of_program,
        max(regenerated_from_turn_id != '') AS is_regeneration,
        maxIf(timed(multiIf(event_type = 'turn.completed', 1, event_type = 'turn.failed', 2, 3)), is_end) AS last_end,
        -- Since its message was sent: where a turn has ended twice, the last end is the longest.
        maxIf(ifNull(events.duration_ms, 0), is_end) AS duration_ms,
        max(is_fallback) AS fell_back,
        maxIf(timed(multiIf(rating = 'up', 1, rating = 'down', 2, 0)), event_type = 'feedback.given') AS last_feedback,
        -- Not known where that of any attempt is not.
        if(countIf(isNull(events.cost_usd) AND event_type IN ('attempt.completed', 'attempt.failed')) > 0, NULL, sum(ifNull(toFloat64(events.cost_usd), 0))) AS cost_usd,
        sum(ifNull(events.output_tokens, 0)) AS output_tokens,
        groupArrayIf(assumeNotNull(time_to_first_token_ms), time_to_first_token_ms IS NOT NULL) AS first_tokens_ms
    FROM events FINAL
    WHERE event_type IN ('message.sent', 'variant.exposed', 'turn.completed', 'turn.failed', 'turn.stopped', 'attempt.completed', 'attempt.failed', 'feedback.given')
        AND backtest_id = ''
        AND event_time >= {from:DateTime64(3)} - INTERVAL 28 DAY AND event_time < {to:DateTime64(3)}
        AND if({unit:String} = 'conversation', cityHash64(conversation_id), cityHash64(user_key)) IN
        (
            SELECT unit
            FROM experiment_exposures(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
        )
    GROUP BY turn
    -- Where a turn was sent before the range, only its end or its rating is seen.
    HAVING countIf(event_type IN ('message.sent', 'variant.exposed')) > 0
) AS turns
INNER JOIN
(
    SELECT *
    FROM experiment_exposures(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE variants = 1
) AS exposures USING (unit)
WHERE began_at >= exposed_at
    OR turn = exposed_turn
    OR is_before AND began_at >= first_exposed_at - INTERVAL 28 DAY;
