-- One row is one bucket of time and one endpoint of a provider: for how much of the bucket it was left alone after failures,
-- from provider.cooled_down to provider.recovered, or to the end of the range where it had not recovered by then. One that
-- was left alone before the range counts where that was told within the day before. Buckets and endpoints without any are
-- left out.
CREATE OR REPLACE VIEW provider_cool_downs AS
SELECT
    toDateTime(intDiv(bucket_ms, 1000), 'UTC') AS time,
    provider,
    ifNull(endpoint, '') AS endpoint,
    trimRight(concat(provider, ' ', ifNull(endpoint, ''))) AS address,
    sum(least(until_ms, bucket_ms + 1000 * {bucket:UInt32}::Int64) - greatest(since_ms, bucket_ms)) AS cooled_down_ms,
    cooled_down_ms / (1000 * {bucket:UInt32}::Int64) AS cooled_down_rate
FROM
(
    SELECT
        provider,
        endpoint,
        greatest(spell.1, toUnixTimestamp64Milli({from:DateTime64(3)})) AS since_ms,
        spell.2 AS until_ms,
        arrayJoin(range(
            intDiv(since_ms, 1000 * {bucket:UInt32}::Int64) * 1000 * {bucket:UInt32}::Int64,
            until_ms,
            1000 * {bucket:UInt32}::Int64
        )) AS bucket_ms
    FROM
    (
        SELECT
            provider,
            endpoint,
            arraySort(groupArray((event_time, event_type = 'provider.cooled_down'))) AS changes,
            -- A further cool-down before the recovery goes on with the one that there is: each lasts to the next change.
            arrayJoin(arrayFilter(
                (spell, change) -> change.2 AND spell.2 > toUnixTimestamp64Milli({from:DateTime64(3)}),
                arrayMap(
                    (change, next) -> (toUnixTimestamp64Milli(change.1), toUnixTimestamp64Milli(next.1)),
                    changes,
                    arrayPushBack(arrayPopFront(changes), ({to:DateTime64(3)}, false))
                ),
                changes
            )) AS spell
        FROM events FINAL
        PREWHERE event_type IN ('provider.cooled_down', 'provider.recovered')
            AND event_time >= {from:DateTime64(3)} - INTERVAL 1 DAY AND event_time < {to:DateTime64(3)}
        GROUP BY provider, endpoint
    )
)
GROUP BY time, bucket_ms, provider, endpoint
ORDER BY time, provider, endpoint
COMMENT $json${
  "title": "When providers were left alone",
  "section": "reliability",
  "order": 50,
  "description": "One row is one bucket of time and one address of a provider: for how much of that time it was not called, because calls there had failed in a row.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "cooled_down_ms", "title": "Left alone" }],
    "series": "address",
    "unit": "ms"
  }
}$json$;
