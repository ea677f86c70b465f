-- One row is one backtest and one side: the turns as their users had them (original), and the same turns answered again
-- (rerun). Counted are the turns whose rerun ended in the range, each once, at its last end, and on both sides the same
-- ones: where the original is not here any more, its rerun is left out. Tokens, cost and models are those of all attempts;
-- the time to the first token is taken over the attempts that got one, the total time and the length of the answer, in
-- UTF-16 code units, over the turns that completed. Percentiles are exact; NULL where there is nothing to take them over.
CREATE OR REPLACE VIEW backtest_comparison AS
SELECT
    min(first_rerun_at) AS time,
    backtest_id,
    side,
    count() AS turns,
    countIf(outcome = 'completed') AS completed,
    countIf(outcome = 'stopped') AS stopped,
    countIf(outcome = 'failed') AS failed,
    countIf(outcome = 'failed') / count() AS failure_rate,
    if(completed > 0, quantileExactIf(0.5)(duration_ms, outcome = 'completed'), NULL) AS duration_ms_p50,
    if(completed > 0, quantileExactIf(0.95)(duration_ms, outcome = 'completed'), NULL) AS duration_ms_p95,
    if(sum(length(first_token)) > 0, quantileExactArray(0.5)(first_token), NULL) AS time_to_first_token_ms_p50,
    if(sum(length(first_token)) > 0, quantileExactArray(0.95)(first_token), NULL) AS time_to_first_token_ms_p95,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cost_usd) AS cost_usd,
    if(completed > 0, avgIf(answer_length, outcome = 'completed'), NULL) AS answer_length_avg,
    arrayStringConcat(arraySort(groupUniqArrayArray(models)), ', ') AS models
FROM
(
    SELECT
        backtest_id,
        side,
        outcome,
        duration_ms,
        first_token,
        input_tokens,
        output_tokens,
        cost_usd,
        answer_length,
        models,
        first_rerun_at,
        count() OVER (PARTITION BY backtest_id, original_turn_id) AS sides
    FROM
    (
        SELECT backtest_id, original_turn_id, first_rerun_at, pair.1 AS side, pair.2 AS turn_id
        FROM
        (
            SELECT
                backtest_id,
                backtest_turn_id AS original_turn_id,
                min(event_time) AS first_rerun_at,
                arrayJoin([('original', original_turn_id), ('rerun', any(turn_id))]) AS pair
            FROM events FINAL
            WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND backtest_id != ''
                AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
            GROUP BY backtest_id, backtest_turn_id
        )
    ) AS pairs
    INNER JOIN
    (
        WITH event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AS is_end,
            event_type IN ('attempt.completed', 'attempt.failed') AS is_attempt_end
        SELECT
            turn_id,
            argMaxIf(outcome, event_time, is_end) AS outcome,
            argMaxIf(assumeNotNull(duration_ms), event_time, is_end) AS duration_ms,
            groupArrayIf(assumeNotNull(time_to_first_token_ms), is_attempt_end AND time_to_first_token_ms IS NOT NULL) AS first_token,
            sum(input_tokens) AS input_tokens,
            sum(output_tokens) AS output_tokens,
            sum(cost_usd) AS cost_usd,
            -- What the last attempt wrote, and what it went on from.
            argMaxIf(ifNull(text_length, 0), attempt, is_attempt_end)
                + argMaxIf(ifNull(continued_length, 0), attempt, event_type = 'attempt.started') AS answer_length,
            groupUniqArrayIf(model, is_attempt_end) AS models
        FROM events FINAL
        -- The originals may be of any time.
        PREWHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped', 'attempt.started', 'attempt.completed', 'attempt.failed')
            AND turn_id IN
            (
                SELECT arrayJoin([backtest_turn_id, turn_id])
                FROM events
                WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND backtest_id != ''
                    AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
            )
        GROUP BY turn_id
        HAVING countIf(is_end) > 0
    ) AS turns USING (turn_id)
)
WHERE sides = 2
GROUP BY backtest_id, side
ORDER BY time, backtest_id, side
COMMENT $json${
  "title": "Backtests: before and after",
  "section": "models",
  "order": 110,
  "description": "One row is one backtest and one side. Past turns as their users had them, and the same turns answered again by a backtest. All other views leave backtests out.",
  "chart": {
    "type": "table",
    "x": "time",
    "y": [{ "column": "cost_usd", "title": "Cost" }],
    "unit": "usd"
  }
}$json$;
