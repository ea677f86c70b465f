-- One row is one bucket of time. Counted are the conversations whose first attempt, of any time, ended in the bucket and in
-- the range, and what all their attempts until the end of the range cost, each once, those that failed or were stopped
-- included. Percentiles are exact. A bucket without any has zeros, and no cost. With a model or an experiment, the cost is
-- that of the attempts by it or in it, and only conversations with such attempts are counted, still where they began.
CREATE OR REPLACE VIEW cost_per_conversation AS
SELECT
    toStartOfInterval(begun_at, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    count() AS conversations,
    toNullable(avg(conversation_cost_usd)) AS cost_usd_avg,
    toNullable(quantileExact(0.5)(conversation_cost_usd)) AS cost_usd_p50,
    toNullable(quantileExact(0.95)(conversation_cost_usd)) AS cost_usd_p95
FROM
(
    WITH ({model:String} = '' OR model = {model:String})
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String})) AS is_counted
    SELECT min(event_time) AS begun_at, toFloat64(sumIf(cost_usd, is_counted)) AS conversation_cost_usd
    FROM counted_events(from = '1970-01-01 00:00:00', to = {to:DateTime64(3)})
    WHERE event_type IN ('attempt.completed', 'attempt.failed')
    GROUP BY conversation
    HAVING begun_at >= {from:DateTime64(3)} AND max(is_counted)
)
GROUP BY time
ORDER BY time WITH FILL
    FROM toStartOfInterval({from:DateTime64(3)}, toIntervalSecond({bucket:UInt32}), 'UTC')
    TO toDateTime(addMilliseconds({to:DateTime64(3)}, 999), 'UTC')
    STEP toIntervalSecond({bucket:UInt32})
COMMENT $json${
  "title": "Cost per conversation",
  "section": "cost",
  "order": 40,
  "description": "One row is one bucket of time. Of the conversations that began in it: what all their attempts have cost until the end of the range, on average, in the middle, and at the 95th percentile. Each attempt counts once, those that failed or were stopped included. With a model or an experiment, of conversations with attempts by it or in it, and of those attempts alone. What a model without a price costs is not known, and left out.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "cost_usd_avg", "title": "Average" },
      { "column": "cost_usd_p50", "title": "p50" },
      { "column": "cost_usd_p95", "title": "p95" }
    ],
    "unit": "usd"
  }
}$json$;
