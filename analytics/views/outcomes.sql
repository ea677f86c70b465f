-- One row is one bucket of time. Counted are the turns that ended in it, each once, by the hash of its id: a turn that
-- failed, was reset by an operator and then completed counts where it ended last within the range, as completed. A turn
-- counts as fallen back where any of its attempts went to another than the first candidate, and as continued where any went
-- on with a partial answer. With a model, only turns in which it was called. A bucket in which none ended has zeros, and
-- no rate.
CREATE OR REPLACE VIEW outcomes AS
SELECT
    toStartOfInterval(fromUnixTimestamp64Milli(intDiv(last_end, 4), 'UTC'), toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS turns,
    countIf(last_end % 4 = 0) AS completed,
    countIf(last_end % 4 = 1) AS stopped,
    countIf(last_end % 4 = 2) AS failed,
    countIf(fell_back) AS fallback_turns,
    countIf(was_continued) AS continued_turns,
    toNullable(countIf(fell_back) / count()) AS fallback_rate,
    toNullable(countIf(was_continued) / count()) AS continuation_rate,
    toNullable(countIf(last_end % 4 = 2) / count()) AS failure_rate
FROM
(
    -- The time of the last end, and how it ended, as one number: there may be millions of turns.
    WITH event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND event_time >= {from:DateTime64(3)} AS is_end
    SELECT
        maxIf(toUnixTimestamp64Milli(event_time) * 4 + (event_type = 'turn.stopped') + 2 * (event_type = 'turn.failed'), is_end) AS last_end,
        max(is_fallback) AS fell_back,
        max(is_continuation) AS was_continued
    -- A turn may wait for a provider for a day between its first attempt and its end.
    FROM counted_events(from = {from:DateTime64(3)} - INTERVAL 1 DAY, to = {to:DateTime64(3)})
    WHERE (is_end OR event_type IN ('attempt.completed', 'attempt.failed') AND (is_fallback OR is_continuation))
        AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY turn
    HAVING last_end > 0
)
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "How turns ended",
  "section": "overview",
  "order": 20,
  "description": "One row is one bucket of time. Counted are the turns that ended in it, each once, at its last end: answered, stopped by the user, or failed.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [
      { "column": "completed", "title": "Completed" },
      { "column": "stopped", "title": "Stopped" },
      { "column": "failed", "title": "Failed" }
    ],
    "turns": "turns",
    "unit": "count"
  }
}$json$;
