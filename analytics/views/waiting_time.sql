-- One row is one bucket of time. Counted are the turns that began to wait in it because no candidate could answer
-- (turn.waiting), each once, at its first wait in the range; and how long they waited: from each turn.waiting until the
-- turn went on, was given to another model, or ended, all waits of the range together. A turn that still waits counts until
-- the end of the range. Percentiles are exact. A bucket without any has zeros, and no time.
CREATE OR REPLACE VIEW waiting_time AS
SELECT
    toStartOfInterval(waits_since, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS turns,
    toNullable(quantileExact(0.5)(waited_ms)) AS waited_ms_p50,
    toNullable(quantileExact(0.95)(waited_ms)) AS waited_ms_p95,
    toNullable(max(waited_ms)) AS waited_ms_max
FROM
(
    SELECT
        arraySort(groupArray((event_time, event_type = 'turn.waiting'))) AS steps,
        arrayFirst(step -> step.2, steps).1 AS waits_since,
        arraySum(
            (step, next) -> if(step.2, dateDiff('millisecond', step.1, next.1), 0),
            steps,
            arrayPushBack(arrayPopFront(steps), ({to:DateTime64(3)}, false))
        ) AS waited_ms
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type IN ('turn.waiting', 'turn.rerouted', 'turn.completed', 'turn.failed', 'turn.stopped', 'attempt.started')
        AND turn IN (SELECT turn FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)}) WHERE event_type = 'turn.waiting')
        AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY turn
)
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "Waiting for a provider",
  "section": "reliability",
  "order": 30,
  "description": "One row is one bucket of time. Of the turns that began to wait in it because nobody could answer: how long they waited in all, until they went on or ended.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "waited_ms_p50", "title": "p50" },
      { "column": "waited_ms_p95", "title": "p95" },
      { "column": "waited_ms_max", "title": "Longest" }
    ],
    "turns": "turns",
    "unit": "ms"
  }
}$json$;
