/** What the worker counts, for Prometheus. */
import { Counter, Gauge, Histogram } from "prom-client";

export const attempts = new Counter({
  name: "turnlog_attempts_total",
  help:
    "Calls to providers that have ended, by how they ended: completed, stopped, or the class of the failure.",
  labelNames: ["provider", "model", "outcome"],
});

export const openStreams = new Gauge({
  name: "turnlog_open_streams",
  help: "Answers that this worker is writing now.",
});

export const timeToFirstToken = new Histogram({
  name: "turnlog_time_to_first_token_seconds",
  help: "From the call to a provider to its first token.",
  labelNames: ["provider", "model"],
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60],
});
