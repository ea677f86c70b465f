-- One row is one bucket of time and one model: how long its attempts that completed in the bucket took from the call to the
-- last token (see latency_by_model).
CREATE OR REPLACE VIEW total_latency_by_model AS
SELECT time, model, attempts, duration_ms_p50, duration_ms_p95, duration_ms_p99
FROM latency_by_model(from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, bucket = {bucket:UInt32},
    model = {model:String}, experiment = {experiment:String}, variant = {variant:String})
ORDER BY time, model
COMMENT $json${
  "title": "Total time by model",
  "section": "models",
  "order": 20,
  "description": "One row is one bucket of time and one model. From the call of a model to the end of its answer, over the attempts that completed.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "duration_ms_p50", "title": "p50" },
      { "column": "duration_ms_p95", "title": "p95" },
      { "column": "duration_ms_p99", "title": "p99" }
    ],
    "series": "model",
    "turns": "turns",
    "unit": "ms"
  }
}$json$;
