-- One row is one bucket of time and one class of error. Counted are the attempts that failed with it (attempt.failed). A
-- turn that was answered by another candidate has failed attempts too. Buckets and classes without any are left out.
CREATE OR REPLACE VIEW error_classes AS
SELECT
    toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
    error_class,
    count() AS attempts,
    uniqExact(turn) AS turns
FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
WHERE event_type = 'attempt.failed'
    AND ({model:String} = '' OR model = {model:String})
    AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
GROUP BY time, error_class
ORDER BY time, error_class
COMMENT $json${
  "title": "Why attempts failed",
  "section": "reliability",
  "order": 20,
  "description": "One row is one bucket of time and one class of error. Calls of a provider that failed, by the class of their error. Most of them are made good by a retry or by another candidate.",
  "chart": {
    "type": "stacked-bars",
    "x": "time",
    "y": [{ "column": "attempts", "title": "Failed attempts" }],
    "series": "error_class",
    "turns": "turns",
    "unit": "count"
  }
}$json$;
