-- The turns in which a model was called, at any time, by the hashes of their ids.
CREATE OR REPLACE VIEW turns_by_model AS
SELECT turn
FROM counted_events(from = '1970-01-01 00:00:00', to = '2200-01-01 00:00:00')
WHERE event_type = 'attempt.started' AND model = {model:String};
