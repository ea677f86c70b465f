-- Which variant a turn was answered by, as it was exposed to it, and how an experiment went on.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS experiment LowCardinality(String) COMMENT 'variant.exposed, experiment.*: the experiment, by its name in turnlog.yaml' AFTER variants,
    ADD COLUMN IF NOT EXISTS phase UInt32 COMMENT 'variant.exposed, experiment.*: the phase of the experiment, from 1; 0 otherwise' AFTER experiment,
    ADD COLUMN IF NOT EXISTS variant LowCardinality(String) COMMENT 'variant.exposed: the variant that acted; experiment.ended: the winner, empty where there is none' AFTER phase;
