-- One row is one bucket of time. Counted are the messages that were sent in it (message.sent), each of which asks for one
-- turn, and the different users and conversations that they came from, by hashes of their ids. With a model, only turns in
-- which it was called. A bucket without any has zeros.
CREATE OR REPLACE VIEW turns_over_time AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS turns,
    uniqExact(user) AS users,
    uniqExact(conversation) AS conversations
FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
WHERE event_type = 'message.sent'
    AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "Turns over time",
  "section": "overview",
  "order": 10,
  "description": "One row is one bucket of time. Counted are the messages sent in it, each of which asks for one turn, and the different users and conversations that sent them. A key of a program is a user.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "turns", "title": "Turns" },
      { "column": "users", "title": "Users" },
      { "column": "conversations", "title": "Conversations" }
    ],
    "turns": "turns",
    "unit": "count"
  }
}$json$;
