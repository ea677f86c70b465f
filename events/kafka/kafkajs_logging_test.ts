import assert from "node:assert/strict";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { logLevel } from "kafkajs";
import { forwardLog } from "./kafkajs_logging.ts";

/** @returns What is told at `info` and above. */
function told(messages: [message: string, atMs: number][]): string[] {
  const records: LogRecord[] = [];
  configureSync({
    sinks: { list: (record) => records.push(record) },
    loggers: [
      { category: "turnlog", lowestLevel: "info", sinks: ["list"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
    ],
    reset: true,
  });
  for (const [message, atMs] of messages) {
    const log = { timestamp: "", logger: "kafkajs", message };
    forwardLog({ namespace: "", level: logLevel.ERROR, label: "ERROR", log }, atMs);
  }
  resetSync();
  return records.map(({ message }) => message.join(""));
}

Deno.test("brokers that are away are told once in half a minute, however many connections find out", () => {
  const refused = "Connection error: connect ECONNREFUSED 127.0.0.1:9092";
  const away = "Kafka cannot be reached; trying again until it is there";
  assert.deepEqual(
    told([[refused, 0], [refused, 10], [refused, 29_000], [refused, 31_000], [refused, 32_000]]),
    [away, away],
  );
});

Deno.test("what a broker says while it starts is no news, and what nobody expects is", () => {
  assert.deepEqual(
    told([
      [
        "Crash: KafkaJSProtocolError: The coordinator is loading and hence can't process requests",
        0,
      ],
      ["Crash: TypeError: what is this", 0],
    ]),
    ["Crash: TypeError: what is this"],
  );
});
