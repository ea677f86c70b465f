-- One row is one bucket of time and one class of length. Counted are the conversations of people, not of programs, whose very
-- first message, of any time, is in the bucket and in the range, by how many messages were sent in them until the end of
-- the range; a message that is answered once more counts again. Buckets and classes without any are left out. With an
-- experiment, only conversations with a message in it, at their whole length.
CREATE OR REPLACE VIEW conversation_lengths AS
SELECT
    toStartOfInterval(begun_at, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    multiIf(length = 1, '1 turn', length < 4, '2–3 turns', length < 8, '4–7 turns', length < 16, '8–15 turns', '16 turns or more') AS length_class,
    count() AS conversations,
    sum(length) AS turns
FROM
(
    SELECT min(event_time) AS begun_at, count() AS length
    FROM counted_events(from = '1970-01-01 00:00:00', to = {to:DateTime64(3)})
    WHERE event_type = 'message.sent' AND NOT is_from_program
    GROUP BY conversation
    HAVING begun_at >= {from:DateTime64(3)}
        AND max({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
)
GROUP BY time, length_class
ORDER BY time, min(length)
COMMENT $json${
  "title": "Length of conversations",
  "section": "people",
  "order": 30,
  "description": "One row is one bucket of time and one class of length. Counted are the conversations of people, not of programs, that began in the bucket, by how many turns they have had until the end of the range. With an experiment, only those with a turn in it, at their whole length.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "conversations", "title": "Conversations" }],
    "series": "length_class",
    "unit": "count"
  }
}$json$;
