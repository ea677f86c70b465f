-- One row is one bucket of time. Counted are the events that ingestion was given in it though they had come before: stated
-- twice by a producer that was killed before it noted that it had, or delivered again by Kafka after ingestion was killed
-- before it had said how far it was. Every other view has each event once. It counts no more than there were, and not all:
-- an event that comes again after 50,000 others of its process and with offsets of its own, a batch that is sent once more
-- because ClickHouse did not answer, one with which ingestion dies before it is counted, dead letters, and what a rebuild or
-- a replay inserts are left out. So are buckets without any.
CREATE OR REPLACE VIEW duplicates_caught AS
SELECT
    toStartOfInterval(caught_at, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    sum(events) AS duplicates,
    count() AS batches
FROM duplicates
WHERE caught_at >= {from:DateTime64(3)} AND caught_at < {to:DateTime64(3)}
GROUP BY time
ORDER BY time
COMMENT $json${
  "title": "Duplicates caught",
  "section": "ingestion",
  "order": 20,
  "description": "One row is one bucket of time. Events that came again in it, as they do after a process was killed; they are counted once everywhere else. None is the rule.",
  "chart": {
    "type": "bars",
    "x": "time",
    "y": [{ "column": "duplicates", "title": "Duplicates" }],
    "unit": "count"
  }
}$json$;
