-- One row is one reason for which messages could not become events, in the words of its latest message of the range, which
-- is shown with its place in Kafka and its first 200 characters. Counted are the messages of the range that were set aside
-- for a reason of that class and beginning, and have not been replayed into events since.
CREATE OR REPLACE VIEW dead_letters_by_reason AS
SELECT
    max(failed_at) AS last_failed_at,
    reason_class,
    argMax(reason, (failed_at, offset)) AS last_reason,
    count() AS dead_letters,
    min(failed_at) AS first_failed_at,
    argMax(concat(topic, '/', toString(partition), '/', toString(offset)), (failed_at, offset)) AS last_place,
    argMax(leftUTF8(value, 200), (failed_at, offset)) AS last_begins
FROM dead_letters FINAL
WHERE replayed_at IS NULL AND message_time >= {from:DateTime64(3)} AND message_time < {to:DateTime64(3)}
GROUP BY reason_class, extract(reason, '^[^:]*') AS kind
ORDER BY last_failed_at DESC
LIMIT 500
COMMENT $json${
  "title": "Dead letters by reason",
  "section": "ingestion",
  "order": 40,
  "description": "One row is one reason for which messages from this time could not become events, and are none yet: how many there are, and the latest of them with its place in Kafka (topic/partition/offset) and its first 200 characters.",
  "isForOperators": true,
  "remedy": {
    "description": "They are kept whole. Once the cause is mended, this reads them once more, and inserts what is an event now:",
    "command": "deno task replay-dead-letters"
  },
  "chart": {
    "type": "table",
    "x": "last_failed_at",
    "y": [{ "column": "dead_letters", "title": "Messages" }],
    "unit": "count"
  }
}$json$;
