/** Queries to begin with: each shows one way to read the events. A test runs them all. */

/** @import { SavedQuery } from "./kept_queries.js" */

/** @type {SavedQuery[]} */
export const exampleQueries = [
  {
    name: "Turns of each hour, by how they ended",
    sql: `SELECT toStartOfHour(event_time) AS hour, event_type, count() AS turns
FROM events FINAL
WHERE event_type IN ('turn.completed', 'turn.stopped', 'turn.failed')
  AND event_time >= now() - INTERVAL 7 DAY
  AND backtest_id = ''
GROUP BY hour, event_type
ORDER BY hour, event_type`,
  },
  {
    name: "Time to the first token, by model",
    sql: `SELECT response_model, count() AS attempts,
  round(quantile(0.5)(time_to_first_token_ms)) AS p50_ms,
  round(quantile(0.95)(time_to_first_token_ms)) AS p95_ms
FROM events FINAL
WHERE event_type = 'attempt.completed'
  AND event_time >= now() - INTERVAL 7 DAY
  AND backtest_id = ''
GROUP BY response_model
ORDER BY attempts DESC`,
  },
  {
    name: "What each user has cost",
    sql: `SELECT user_key, uniqExact(turn_id) AS turns,
  sum(output_tokens) AS output_tokens, sum(cost_usd) AS usd
FROM events FINAL
WHERE event_type = 'attempt.completed'
  AND event_time >= now() - INTERVAL 30 DAY
  AND backtest_id = ''
GROUP BY user_key
ORDER BY usd DESC
LIMIT 100`,
  },
  {
    name: "Events of each type, today",
    sql: `SELECT event_type, count() AS events
FROM events FINAL
WHERE event_time >= today()
GROUP BY event_type
ORDER BY events DESC`,
  },
  {
    name: "A view of the dashboard",
    sql: `SELECT *
FROM turns_over_time(
  from = now() - INTERVAL 1 DAY, to = now(), bucket = 3600,
  model = '', experiment = '', variant = ''
)`,
  },
];
