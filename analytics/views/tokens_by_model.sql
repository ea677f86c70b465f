-- One row is one day, in UTC, and one model: the tokens that its attempts read and wrote (see tokens_and_cost_by_model).
CREATE OR REPLACE VIEW tokens_by_model AS
SELECT time, model, attempts, input_tokens, output_tokens, cached_tokens, reasoning_tokens
FROM tokens_and_cost_by_model(from = {from:DateTime64(3)}, to = {to:DateTime64(3)},
    model = {model:String}, experiment = {experiment:String}, variant = {variant:String})
ORDER BY time, model
COMMENT $json${
  "title": "Tokens by model and day",
  "section": "cost",
  "order": 20,
  "description": "One row is one day (UTC) and one model. Tokens that the attempts which ended on that day read and wrote, as the providers counted them.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [
      { "column": "input_tokens", "title": "Input" },
      { "column": "output_tokens", "title": "Output" }
    ],
    "series": "model",
    "turns": "turns",
    "unit": "tokens"
  }
}$json$;
