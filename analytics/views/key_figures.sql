-- One row, of the range and of the period before it, which is as long (…_before). Counted are the messages sent in it, each of
-- which asks for one turn, and the different users who sent them; the turns that ended in it and failed at their last end of
-- the period; what the attempts that ended in it cost, each once, those that failed or were stopped included; and the time
-- from the call to the first token, over all attempts that got one. With a model, only its attempts, and the turns in which
-- it was called. Percentiles are exact, and NULL where there is nothing to take them over.
CREATE OR REPLACE VIEW key_figures AS
WITH event_time >= {from:DateTime64(3)} AS is_now
SELECT
    {from:DateTime64(3)} AS time,
    turns, turns_before,
    users, users_before,
    failed_turns, failed_turns_before,
    time_to_first_token_ms_p50, time_to_first_token_ms_p50_before,
    time_to_first_token_ms_p95, time_to_first_token_ms_p95_before,
    cost AS cost_usd, cost_before AS cost_usd_before
FROM
(
    SELECT
        countIf(is_now) AS turns,
        countIf(NOT is_now) AS turns_before,
        uniqExactIf(user, is_now) AS users,
        uniqExactIf(user, NOT is_now) AS users_before
    FROM counted_events(from = {from:DateTime64(3)} - toIntervalMillisecond(dateDiff('millisecond', {from:DateTime64(3)}, {to:DateTime64(3)})), to = {to:DateTime64(3)})
    WHERE event_type = 'message.sent'
        AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
) AS sent
CROSS JOIN
(
    SELECT
        countIf(last_end = 'turn.failed' AND ended_now) AS failed_turns,
        countIf(last_end = 'turn.failed' AND NOT ended_now) AS failed_turns_before
    FROM
    (
        SELECT is_now AS ended_now, argMax(event_type, event_time) AS last_end
        FROM counted_events(from = {from:DateTime64(3)} - toIntervalMillisecond(dateDiff('millisecond', {from:DateTime64(3)}, {to:DateTime64(3)})), to = {to:DateTime64(3)})
        WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped')
            -- Most turns never failed: their ends need not be looked at.
            AND turn IN
            (
                SELECT turn
                FROM counted_events(from = {from:DateTime64(3)} - toIntervalMillisecond(dateDiff('millisecond', {from:DateTime64(3)}, {to:DateTime64(3)})), to = {to:DateTime64(3)})
                WHERE event_type = 'turn.failed'
            )
            AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
            AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
        GROUP BY turn, ended_now
    )
) AS ended
CROSS JOIN
(
    SELECT
        -- NULL where no model that was called has a price.
        if(countIf(is_now) = 0, 0, sumIf(cost_usd, is_now)) AS cost,
        if(countIf(NOT is_now) = 0, 0, sumIf(cost_usd, NOT is_now)) AS cost_before,
        countIf(time_to_first_token_ms, is_now) AS with_first_token,
        countIf(time_to_first_token_ms, NOT is_now) AS with_first_token_before,
        quantilesExactIf(0.5, 0.95)(time_to_first_token_ms, is_now) AS first_token,
        quantilesExactIf(0.5, 0.95)(time_to_first_token_ms, NOT is_now) AS first_token_before,
        if(with_first_token > 0, first_token[1], NULL) AS time_to_first_token_ms_p50,
        if(with_first_token > 0, first_token[2], NULL) AS time_to_first_token_ms_p95,
        if(with_first_token_before > 0, first_token_before[1], NULL) AS time_to_first_token_ms_p50_before,
        if(with_first_token_before > 0, first_token_before[2], NULL) AS time_to_first_token_ms_p95_before
    FROM counted_events(from = {from:DateTime64(3)} - toIntervalMillisecond(dateDiff('millisecond', {from:DateTime64(3)}, {to:DateTime64(3)})), to = {to:DateTime64(3)})
    WHERE event_type IN ('attempt.completed', 'attempt.failed')
        AND ({model:String} = '' OR model = {model:String})
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
) AS called
COMMENT $json${
  "title": "Key figures",
  "section": "overview",
  "order": 0,
  "description": "One row, of the range, beside the period before it, which is as long.",
  "chart": {
    "type": "figures",
    "x": "time",
    "y": [
      { "column": "turns", "title": "Turns", "description": "Messages that were sent, each of which asks for one turn." },
      { "column": "users", "title": "Users", "description": "Different users who sent them, each once. A key of a program is a user." },
      { "column": "failed_turns", "title": "Failed turns", "description": "Turns that ended and failed at their last end: those that a retry answered do not count." },
      { "column": "time_to_first_token_ms_p50", "title": "First token, p50", "description": "From the call of a model to its first token: half of the attempts that got one were quicker.", "unit": "ms" },
      { "column": "time_to_first_token_ms_p95", "title": "First token, p95", "description": "From the call of a model to its first token: 95 % of the attempts that got one were quicker.", "unit": "ms" },
      { "column": "cost_usd", "title": "Cost", "description": "Of all attempts that ended, each once, those that failed or were stopped included, by the prices in turnlog.yaml; models without one are left out.", "unit": "usd" }
    ],
    "unit": "count"
  }
}$json$;
