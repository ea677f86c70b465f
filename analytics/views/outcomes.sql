-- One row is one bucket of time. Counted are the turns that ended in it, each once: a turn that failed, was reset by an
-- operator and then completed counts where it ended last within the range, as completed. A turn counts as fallen back
-- where any of its attempts went to another than the first candidate. A bucket in which none ended has zeros, and no rate.
CREATE OR REPLACE VIEW outcomes AS
SELECT
    toStartOfInterval(ended_at, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS turns,
    countIf(last_outcome = 'completed') AS completed,
    countIf(last_outcome = 'stopped') AS stopped,
    countIf(last_outcome = 'failed') AS failed,
    countIf(fell_back) AS fallback_turns,
    toNullable(countIf(fell_back) / count()) AS fallback_rate,
    toNullable(countIf(last_outcome = 'failed') / count()) AS failure_rate
FROM
(
    WITH event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND event_time >= {from:DateTime64(3)} AS is_end
    SELECT
        turn_id,
        maxIf(event_time, is_end) AS ended_at,
        argMaxIf(outcome, event_time, is_end) AS last_outcome,
        max(is_fallback) AS fell_back
    FROM events FINAL
    WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped', 'attempt.completed', 'attempt.failed')
        AND backtest_id = ''
        -- A turn may wait for a provider for a day between its first attempt and its end.
        AND event_time >= {from:DateTime64(3)} - INTERVAL 1 DAY AND event_time < {to:DateTime64(3)}
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY turn_id
    HAVING countIf(is_end) > 0 AND ({model:String} = '' OR countIf(model = {model:String}) > 0)
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
  "description": "Turns by the time at which they ended, each counted once, at its last end: answered, stopped by the user, or failed.",
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
