import assert from "node:assert/strict";
import { FlagsError } from "../task.ts";
import { readFlags } from "./flags.ts";
import { trafficDefaults } from "./traffic_options.ts";

const nowMs = Date.UTC(2026, 10, 24, 12, 30);

Deno.test("without flags three months up to now go into ClickHouse", () => {
  const flags = readFlags([], nowMs);
  assert.ok(flags.type === "make");
  assert.equal(flags.to, "clickhouse");
  assert.equal(flags.force, false);
  assert.deepEqual(
    { ...flags.traffic, timeZone: "" },
    { ...trafficDefaults, days: 90, untilMs: nowMs, timeZone: "" },
  );
});

Deno.test("each flag changes what it names", () => {
  const flags = readFlags([
    ...["--events", "5000", "--months", "2", "--users", "10", "--seed", "7", "--force"],
    ...["--until", "2026-11-01", "--time-zone", "Asia/Tokyo", "--to", "store", "--data", "here"],
  ]);
  assert.deepEqual(flags, {
    type: "make",
    traffic: {
      ...trafficDefaults,
      events: 5000,
      days: 60,
      users: 10,
      seed: 7,
      untilMs: Date.UTC(2026, 10, 1),
      timeZone: "Asia/Tokyo",
    },
    to: "store",
    force: true,
    data: "here",
  });
  assert.deepEqual(readFlags(["--remove", "--data", "here"]), { type: "remove", data: "here" });
});

Deno.test("a flag that cannot be used is named with what was found", () => {
  for (
    const [args, message] of [
      [["--events", "many"], /--events: must be a whole number from 1 .*found many/],
      [["--months", "0"], /--months: .*found 0/],
      [["--until", "yesterday"], /--until: .*found yesterday/],
      [["--time-zone", "Mars/Olympus"], /--time-zone: .*found Mars\/Olympus/],
      [["--to", "paper"], /--to: must be one of clickhouse, kafka, store \(found paper\)/],
      [["--colour"], /colour/],
    ] as const
  ) {
    assert.throws(
      () => readFlags([...args]),
      (error) => error instanceof FlagsError && message.test(error.message),
    );
  }
});
