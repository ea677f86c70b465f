-- One row is one bucket of time. Counted are the events that happened in it, and how long each took from its time to being
-- in ClickHouse; 0 where a producer's clock was ahead. An event that was inserted again counts with its last insert,
-- but for those that a rebuild wrote, of which it is not known any more: they are left out. Percentiles are exact. A bucket without events has zeros, and no lag.
CREATE OR REPLACE VIEW ingestion_lag AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS events,
    toNullable(quantileExact(0.5)(lag)) AS lag_ms_p50,
    toNullable(quantileExact(0.95)(lag)) AS lag_ms_p95,
    toNullable(max(lag)) AS lag_ms_max
FROM
(
    SELECT event_time, greatest(dateDiff('millisecond', event_time, ingested_at), 0) AS lag
    FROM events FINAL
    WHERE backtest_id = '' AND NOT is_rebuilt AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
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
  "description": "One row is one bucket of time. How long the events of that time took from the moment that they happened until they could be queried here.",
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
