-- One row is one bucket of time. Counted are the different users who sent a message in it, by hashes of their keys: new ones,
-- whose very first message, of any time, is in the bucket and in the range, and those who had sent one before. A user is
-- counted once in each bucket, however many turns they asked for. With a model, only by turns in which it was called; first
-- is still the first of all. A bucket without any has zeros.
CREATE OR REPLACE VIEW active_users AS
SELECT
    time,
    count() AS active_users,
    countIf(time = first_bucket AND first_sent_at >= {from:DateTime64(3)}) AS new_users,
    active_users - new_users AS returning_users
FROM
(
    SELECT
        min(event_time) AS first_sent_at,
        toStartOfInterval(first_sent_at, toIntervalSecond({bucket:UInt32}), 'UTC') AS first_bucket,
        arrayJoin(groupUniqArrayIf(
            toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC'),
            event_time >= {from:DateTime64(3)}
                AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
                AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
        )) AS time
    FROM counted_events(from = '1970-01-01 00:00:00', to = {to:DateTime64(3)})
    WHERE event_type = 'message.sent'
    GROUP BY user
)
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "Active users",
  "section": "people",
  "order": 10,
  "description": "One row is one bucket of time. Counted are the different users who sent a message in it, not their turns: new ones, who had never sent one before, and returning ones. A key of a program is a user. Users of several buckets must not be added up.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "active_users", "title": "Active" },
      { "column": "new_users", "title": "New" },
      { "column": "returning_users", "title": "Returning" }
    ],
    "unit": "count"
  }
}$json$;
