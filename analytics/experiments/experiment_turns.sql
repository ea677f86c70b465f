-- One row is one turn of a unit that was exposed to one variant alone: from the turn of its exposure on, or, as `is_before`,
-- in the 28 days before it was exposed in any phase. All turns of the unit count, also those that the experiment does not
-- reach: who leaves a variant behind must not leave its results.
CREATE OR REPLACE VIEW experiment_turns AS
SELECT
    experiment,
    unit,
    variant,
    exposed_at,
    turn_id,
    began_at,
    turn_id = exposed_turn_id AS is_exposed_turn,
    began_at < first_exposed_at AND turn_id != first_exposed_turn_id AS is_before,
    turns.* EXCEPT (unit, turn_id, began_at)
FROM
(
    WITH event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AS is_end
    SELECT
        any(if({unit:String} = 'conversation', conversation_id, user_key)) AS unit,
        turn_id,
        min(event_time) AS began_at,
        anyIf(route, event_type = 'message.sent') AS asked_for,
        max(is_from_program) AS is_of_program,
        max(regenerated_from_turn_id != '') AS is_regeneration,
        argMaxIf(outcome, event_time, is_end) AS last_outcome,
        argMaxIf(ifNull(events.duration_ms, 0), event_time, is_end) AS duration_ms,
        max(is_fallback) AS fell_back,
        -- A rating that was taken back is none.
        argMaxIf(rating, event_time, event_type = 'feedback.given') AS last_rating,
        sum(ifNull(toFloat64(events.cost_usd), 0)) AS cost_usd,
        sum(ifNull(events.output_tokens, 0)) AS output_tokens,
        groupArrayIf(assumeNotNull(time_to_first_token_ms), time_to_first_token_ms IS NOT NULL) AS first_tokens_ms
    FROM events FINAL
    WHERE event_type IN ('message.sent', 'variant.exposed', 'turn.completed', 'turn.failed', 'turn.stopped', 'attempt.completed', 'attempt.failed', 'feedback.given')
        AND backtest_id = ''
        AND event_time >= {from:DateTime64(3)} - INTERVAL 28 DAY AND event_time < {to:DateTime64(3)}
        AND if({unit:String} = 'conversation', conversation_id, user_key) IN
        (
            SELECT unit
            FROM experiment_exposures(experiment = {experiment:String}, phase = {phase:UInt32}, unit = {unit:String}, from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
        )
    GROUP BY turn_id
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
    OR turn_id = exposed_turn_id
    OR is_before AND began_at >= first_exposed_at - INTERVAL 28 DAY;
