-- One row is one bucket of time and one queue. Taken over the samples of the bucket (system.sampled): the most that waited in
-- each process, added up over the processes. How many events are in the store and not yet in Kafka each process tells of the
-- whole store, so that of those the most counts, and not the sum. Buckets and queues without a sample are left out.
CREATE OR REPLACE VIEW queue_depths AS
SELECT time, depth.1 AS queue, if(queue = 'Events, not in Kafka', max(depth.2), sum(depth.2)) AS waiting
FROM
(
    SELECT
        toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
        arrayJoin([
            ('Calls of providers', max(calls_waiting)),
            ('Requests at model servers', max(requests_waiting)),
            ('Events, not in Kafka', max(events_unpublished)),
            ('Events, not in ClickHouse', max(events_not_ingested))
        ]) AS depth
    FROM events FINAL
    PREWHERE event_type = 'system.sampled' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
    GROUP BY time, component, instance
)
WHERE depth.2 IS NOT NULL
GROUP BY time, queue
ORDER BY time, queue
COMMENT $json${
  "title": "What waits",
  "section": "reliability",
  "order": 64,
  "description": "One row is one bucket of time and one queue. The most that waited: calls for a place at a provider, requests at vLLM servers, events on their way to Kafka and to ClickHouse.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "waiting", "title": "Waiting" }],
    "series": "queue",
    "unit": "count"
  }
}$json$;
