-- One row is one bucket of time. Counted are the ends of turns that happened in it, of which there may be several of one turn,
-- and how long each of these events took from its time to being in ClickHouse; 0 where a producer's clock was ahead. All
-- events come the same way, and these are enough to know it by. One that was inserted again counts with its last insert, but
-- for those that a rebuild wrote, of which it is not known any more: they are left out. Percentiles are exact. A bucket
-- without any has zeros, and no lag.
CREATE OR REPLACE VIEW ingestion_lag AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS turn_ends,
    toNullable(quantileExact(0.5)(lag)) AS lag_ms_p50,
    toNullable(quantileExact(0.95)(lag)) AS lag_ms_p95,
    toNullable(max(lag)) AS lag_ms_max
FROM
(
    SELECT event_time, assumeNotNull(ingestion_lag_ms) AS lag
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type IN ('turn.completed', 'turn.failed', 'turn.stopped') AND isNotNull(ingestion_lag_ms)
)
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "Ingestion lag",
  "section": "ingestion",
  "order": 10,
  "description": "One row is one bucket of time. Of the turns that ended in it: how long the event of that end took from the moment that it happened until it could be queried here. All other events come the same way.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "lag_ms_p50", "title": "p50" },
      { "column": "lag_ms_p95", "title": "p95" },
      { "column": "lag_ms_max", "title": "Longest" }
    ],
    "unit": "ms"
  }
}$json$;
