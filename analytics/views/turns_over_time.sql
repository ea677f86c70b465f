-- One row is one bucket of time. Counted are the messages that people sent in it (message.sent), each of which asks for one
-- turn, and the different people and conversations that they came from. A bucket without any has zeros.
CREATE OR REPLACE VIEW turns_over_time AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS turns,
    uniqExact(user_key) AS users,
    uniqExact(conversation_id) AS conversations
FROM events FINAL
WHERE event_type = 'message.sent' AND backtest_id = '' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
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
  "description": "Messages sent, each of which asks for one turn, and how many different people and conversations sent them, by the time of sending.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "turns", "title": "Turns" },
      { "column": "users", "title": "People" },
      { "column": "conversations", "title": "Conversations" }
    ],
    "unit": "count"
  }
}$json$;
