-- One row is one day, in UTC, and one model, by its name in turnlog.yaml. Counted are the attempts that ended on that day,
-- however they ended, since a provider bills what it wrote before it failed; tokens as the provider counted them, the cost by
-- the prices that held. Days and models without any are left out.
CREATE OR REPLACE VIEW tokens_and_cost_by_model AS
SELECT
    toStartOfDay(event_time) AS time,
    model,
    count() AS attempts,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cached_tokens) AS cached_tokens,
    sum(reasoning_tokens) AS reasoning_tokens,
    sum(cost_usd) AS cost_usd
FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
WHERE event_type IN ('attempt.completed', 'attempt.failed')
    AND ({model:String} = '' OR model = {model:String})
    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
GROUP BY time, model
ORDER BY time, model
COMMENT $json${
  "title": "Cost by model and day",
  "section": "cost",
  "order": 10,
  "description": "One row is one day (UTC) and one model. What the attempts that ended on that day cost by the prices in turnlog.yaml, those that failed or were stopped included. What a model without a price costs is not known, and left out.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "cost_usd", "title": "Cost" }],
    "series": "model",
    "turns": "turns",
    "unit": "usd"
  }
}$json$;
