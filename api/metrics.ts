/** What the api counts, for Prometheus. */
import { Counter, Gauge, Histogram } from "prom-client";

export const requests = new Histogram({
  name: "turnlog_http_request_seconds",
  help: "From a request to its answer's first byte.",
  labelNames: ["method", "route", "status"],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
});

export const openStreams = new Gauge({
  name: "turnlog_http_open_streams",
  help: "Streams of turns that are being read now.",
});

export const acceptedTurns = new Counter({
  name: "turnlog_turns_accepted_total",
  help: "Turns whose start Temporal has acknowledged.",
});
