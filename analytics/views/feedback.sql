-- One row is one bucket of time. Counted are the turns whose last rating in the range was given in it (feedback.given), each
-- once: one that was rated up and then down counts as down, and one whose rating was taken back does not count. With a
-- model, only turns in which it was called. A bucket without any has zeros, and no share.
CREATE OR REPLACE VIEW feedback AS
SELECT
    toStartOfInterval(rated_at, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    countIf(last_rating = 'up') AS rated_up,
    countIf(last_rating = 'down') AS rated_down,
    toNullable(rated_up / (rated_up + rated_down)) AS rated_up_rate
FROM
(
    SELECT max(event_time) AS rated_at, argMax(rating, event_time) AS last_rating
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type = 'feedback.given'
        AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY turn
    HAVING last_rating != ''
)
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "Feedback",
  "section": "people",
  "order": 40,
  "description": "One row is one bucket of time. Counted are the turns that users rated in it, each once, by its last rating; ratings that were taken back do not count.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [
      { "column": "rated_up", "title": "Thumbs up" },
      { "column": "rated_down", "title": "Thumbs down" }
    ],
    "unit": "count"
  }
}$json$;
