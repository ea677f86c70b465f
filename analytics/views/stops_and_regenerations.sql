-- One row is one bucket of time: of the turns that ended in it (see outcomes), the share that the user stopped; of the
-- messages that were sent in it (message.sent), the share that asks for another answer to a message that has one. No rate
-- where there is nothing to take it of.
CREATE OR REPLACE VIEW stops_and_regenerations AS
SELECT
    time,
    turns AS ended_turns,
    stopped AS stopped_turns,
    if(ended_turns > 0, stopped_turns / ended_turns, NULL) AS stop_rate,
    sent_turns,
    regenerated_turns,
    if(sent_turns > 0, regenerated_turns / sent_turns, NULL) AS regeneration_rate
FROM outcomes(from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, bucket = {bucket:UInt32},
    model = {model:String}, experiment = {experiment:String}, variant = {variant:String}) AS ended
LEFT JOIN
(
    SELECT
        toStartOfInterval(event_time, toIntervalSecond({bucket:UInt32}), 'UTC') AS time,
        count() AS sent_turns,
        countIf(is_regeneration) AS regenerated_turns
    FROM counted_events(from = {from:DateTime64(3)}, to = {to:DateTime64(3)})
    WHERE event_type = 'message.sent'
        AND ({model:String} = '' OR first_model = {model:String} OR turn IN (SELECT turn FROM further_turns_by_model(model = {model:String})))
        AND ({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String}))
    GROUP BY time
) AS sent USING (time)
ORDER BY time
COMMENT $json${
  "title": "Stop and regenerate rate",
  "section": "people",
  "order": 50,
  "description": "One row is one bucket of time. Of the turns that ended in it: the share that the user stopped. Of the turns that were asked for in it: the share that answers a message once more.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [
      { "column": "stop_rate", "title": "Stopped" },
      { "column": "regeneration_rate", "title": "Regenerated" }
    ],
    "turns": "turns",
    "unit": "ratio"
  }
}$json$;
