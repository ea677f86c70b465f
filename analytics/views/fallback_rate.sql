-- One row is one bucket of time: of the turns that ended in it (see outcomes), the share that needed another than its first
-- candidate, the share in which a broken answer was continued, and the share that failed. No rate where no turn ended.
CREATE OR REPLACE VIEW fallback_rate AS
SELECT time, turns, fallback_turns, continued_turns, failed AS failed_turns, fallback_rate, continuation_rate, failure_rate
FROM outcomes(from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, bucket = {bucket:UInt32},
    model = {model:String}, experiment = {experiment:String}, variant = {variant:String})
ORDER BY time
COMMENT $json${
  "title": "Fallback, continuation and failure rate",
  "section": "reliability",
  "order": 10,
  "description": "One row is one bucket of time. Of the turns that ended in it: the share in which the first candidate did not answer and another was asked, the share in which an answer that broke off was continued, and the share that failed altogether.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "fallback_rate", "title": "Fell back" },
      { "column": "continuation_rate", "title": "Continued" },
      { "column": "failure_rate", "title": "Failed" }
    ],
    "turns": "turns",
    "unit": "ratio"
  }
}$json$;
