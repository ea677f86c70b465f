-- One row is one bucket of time and one endpoint of a provider. Counted are the attempts that ended there, those of them
-- that failed for a reason of the provider's (and not of the request, the key or a worker), and how often the endpoint was
-- left alone after failures and answered again. cooled_down_ms is how long it had been left alone, in the bucket in which
-- it answered again. Buckets and endpoints without any of it are left out.
CREATE OR REPLACE VIEW provider_health AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    provider,
    assumeNotNull(events.endpoint)::String AS endpoint,
    trimRight(concat(provider, ' ', endpoint)) AS address,
    countIf(event_type LIKE 'attempt.%') AS attempts,
    countIf(event_type = 'attempt.failed' AND error_class IN ('rate-limited', 'overloaded', 'unreachable', 'timed-out', 'stalled', 'cut-off')) AS failed_attempts,
    countIf(event_type = 'provider.cooled_down') AS cool_downs,
    countIf(event_type = 'provider.recovered') AS recoveries,
    sumIf(ifNull(wait_ms, 0), event_type = 'provider.recovered') AS cooled_down_ms
FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)}) AS events
WHERE event_type IN ('attempt.completed', 'attempt.failed', 'provider.cooled_down', 'provider.recovered')
    -- What calls nothing has no endpoint, and neither had the events of Turnlog 0.1.
    AND isNotNull(events.endpoint)
GROUP BY time, provider, endpoint
ORDER BY time, provider, endpoint
COMMENT $json${
  "title": "Provider health",
  "section": "reliability",
  "order": 40,
  "description": "One row is one bucket of time and one address of a provider. How often each address of a provider was left alone because calls there failed in a row. Further columns: attempts, failures, recoveries and how long it was left alone.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "cool_downs", "title": "Cool-downs" }],
    "series": "address",
    "unit": "count"
  }
}$json$;
