/** What ingestion counts, for Prometheus. */
import { Counter, Gauge, Histogram } from "prom-client";
import { Lag } from "./lag.ts";

export const rowsIngested = new Counter({
  name: "turnlog_ingest_rows_total",
  help: "Events that were inserted into ClickHouse, those that were delivered again included.",
});

export const batchesIngested = new Counter({
  name: "turnlog_ingest_batches_total",
  help: "Batches of messages that were dealt with wholly.",
});

export const deadLetters = new Counter({
  name: "turnlog_ingest_dead_letters_total",
  help: "Messages that were set aside, by the class of the reason.",
  labelNames: ["reason_class"],
});

export const duplicatesCaught = new Counter({
  name: "turnlog_ingest_duplicates_total",
  help: "Events that came again, which the tables keep once all the same.",
});

export const insertErrors = new Counter({
  name: "turnlog_ingest_insert_errors_total",
  help: "Times that ClickHouse or Kafka could not take something, and it was tried again.",
});

export const eventAge = new Histogram({
  name: "turnlog_ingest_event_age_seconds",
  help:
    "From the time of an event to its being in ClickHouse; one observation a batch, of its oldest event.",
  buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600],
});

/** Of the partitions that this process reads. */
export const lag = new Lag();

/** @returns How many messages are not in ClickHouse yet, of the partitions that this process reads. */
export function messagesBehind(): number {
  return lag.partitions().reduce((sum, { messages }) => sum + messages, 0);
}

new Gauge({
  name: "turnlog_ingest_lag_messages",
  help: "Messages that are in Kafka and not yet in ClickHouse.",
  labelNames: ["partition"],
  collect() {
    this.reset();
    for (const { partition, messages } of lag.partitions()) this.set({ partition }, messages);
  },
});

new Gauge({
  name: "turnlog_ingest_lag_seconds",
  help: "How long the oldest message that is not yet in ClickHouse has been in Kafka.",
  labelNames: ["partition"],
  collect() {
    this.reset();
    for (const { partition, oldestMs } of lag.partitions()) {
      this.set({ partition }, oldestMs === null ? 0 : Math.max(0, (Date.now() - oldestMs) / 1000));
    }
  },
});
