-- One row is one bucket of time and one class of reason. Counted are the messages from that time that could not become
-- events; they are kept whole in the table dead_letters and on the topic of dead letters. Those of which events were made
-- since then, by a replay, are left out, and so are buckets without any.
CREATE OR REPLACE VIEW dead_letters_over_time AS
SELECT
    toStartOfInterval(message_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    reason_class,
    count() AS dead_letters
FROM dead_letters FINAL
WHERE replayed_at IS NULL AND message_time >= {from:DateTime64(3)} AND message_time < {to:DateTime64(3)}
GROUP BY time, reason_class
ORDER BY time, reason_class
COMMENT $json${
  "title": "Dead letters",
  "section": "ingestion",
  "order": 30,
  "description": "One row is one bucket of time and one class of reason. Messages that could not become events: not JSON, no event, or refused by ClickHouse. They are kept whole and block nothing; those that were replayed since then are left out.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "dead_letters", "title": "Dead letters" }],
    "series": "reason_class",
    "unit": "count"
  }
}$json$;
