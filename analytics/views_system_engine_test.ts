/** What is told of the system itself: the views against counts made by hand. */
import assert from "node:assert/strict";
import { createSystemEvent, type ModelState, type TurnlogEvent } from "../events/contract/event.ts";
import { eventExamples } from "../events/contract/event_examples.ts";
import type { FailureClass } from "../events/contract/failure.ts";
import { stepEventId } from "../events/event_id.ts";
import { createViewDatabase } from "./testing/view_database.ts";

/** The range begins and ends in the middle of a bucket. */
const range = { from: "2026-11-22T20:25:30.500Z", to: "2026-11-23T03:44:10.250Z" };
const bucket = 600;
const firstBucket = "2026-11-22 20:20:00";

Deno.test("the views of the system", async (test) => {
  await using database = await createViewDatabase([]);

  await test.step("dead_letters_over_time counts each message once, by the class of the reason", async () => {
    const letters = [
      { offset: 1, message_time: "2026-11-22 20:25:30.500", reason_class: "not-json" },
      { offset: 2, message_time: "2026-11-22 20:25:30.500", reason_class: "not-json" },
      { offset: 3, message_time: "2026-11-22 20:25:30.500", reason_class: "refused" },
      { offset: 4, message_time: "2026-11-23 03:44:10.250", reason_class: "refused" },
    ].map((letter) => ({ topic: "events", partition: 0, ...letter }));
    for (let time = 0; time < 2; time++) {
      await database.client.insert({
        table: "dead_letters",
        values: letters,
        format: "JSONEachRow",
      });
    }
    const time = firstBucket;
    assert.deepEqual(await database.view("dead_letters_over_time", { ...range, bucket }), [
      { time, reason_class: "not-json", dead_letters: 2 },
      { time, reason_class: "refused", dead_letters: 1 },
    ]);
  });

  await test.step("duplicates_caught adds up the batches in which events came again", async () => {
    const values = [
      { caught_at: "2026-11-22 20:25:30.499", partition: 0, events: 1000 },
      { caught_at: "2026-11-22 20:25:30.500", partition: 0, events: 3 },
      { caught_at: "2026-11-22 20:29:59.999", partition: 1, events: 40 },
      { caught_at: "2026-11-22 20:30:00.000", partition: 0, events: 5 },
      { caught_at: "2026-11-23 03:44:10.250", partition: 0, events: 1000 },
    ];
    await database.client.insert({ table: "duplicates", values, format: "JSONEachRow" });
    assert.deepEqual(await database.view("duplicates_caught", { ...range, bucket }), [
      { time: firstBucket, duplicates: 43, batches: 2 },
      { time: "2026-11-22 20:30:00", duplicates: 5, batches: 1 },
    ]);
  });

  await test.step("model_states counts the changes by the state that they came into", async () => {
    const time = new Date(Date.parse(range.from) + 1000);
    const changed = (to: ModelState, durationMs: number | null) =>
      createSystemEvent({
        id: crypto.randomUUID(),
        source: "test",
        type: "model.state_changed",
        subject: "provider/local",
        time,
        data: {
          provider: "local",
          endpoint: "http://local/v1",
          requestModel: "m",
          from: "asleep",
          to,
          reason: "a test",
          durationMs,
        },
      });
    await database.insert([
      changed("loading", null),
      changed("awake", 900),
      changed("awake", 1200),
    ]);
    const at = { time: firstBucket };
    assert.deepEqual(await database.view("model_states", { ...range, bucket }), [
      { ...at, state: "local: awake", changes: 2, slowest_ms: 1200 },
      { ...at, state: "local: loading", changes: 1, slowest_ms: null },
    ]);
  });

  await test.step("provider_health counts what happened at each endpoint", async () => {
    const time = "2026-11-22 20:30:00";
    for (let again = 0; again < 2; again++) {
      await database.insert(someHealthEvents(Date.parse(`${time}Z`)));
    }
    const at = (endpoint: string) => ({
      time,
      provider: "local",
      endpoint,
      address: `local ${endpoint}`,
    });
    assert.deepEqual(await database.view("provider_health", { ...range, bucket }), [
      {
        ...at("http://a/v1"),
        attempts: 4,
        failed_attempts: 2,
        cool_downs: 2,
        recoveries: 2,
        cooled_down_ms: 60_000,
      },
      {
        ...at("http://b/v1"),
        attempts: 1,
        failed_attempts: 0,
        cool_downs: 0,
        recoveries: 0,
        cooled_down_ms: 0,
      },
    ]);
  });
});

/** What is told of two endpoints within one bucket of time, each event a second after the one before. */
function someHealthEvents(fromMs: number): TurnlogEvent[] {
  const attempt = eventExamples.find((event) => event.type === "attempt.completed")!;
  const failed = eventExamples.find((event) => event.type === "attempt.failed")!;
  const cooledDown = eventExamples.find((event) => event.type === "provider.cooled_down")!;
  const recovered = eventExamples.find((event) => event.type === "provider.recovered")!;
  const failedAs = (failureClass: FailureClass) => ({
    ...failed,
    data: { ...failed.data, error: { class: failureClass, message: "No" } },
  });
  const [here, there] = ["http://a/v1", "http://b/v1"];
  const { endpoint: _, ...withoutEndpoint } = attempt.data;
  const told: [TurnlogEvent, string][] = [
    [attempt, here],
    [failedAs("overloaded"), here],
    [failedAs("bad-request"), here],
    [failedAs("unreachable"), here],
    [cooledDown, here],
    [recovered, here],
    [cooledDown, here],
    [recovered, here],
    [attempt, there],
  ];
  const events = told.map(([event, endpoint]) =>
    ({ ...event, data: { ...event.data, endpoint } }) as TurnlogEvent
  );
  return [...events, { ...attempt, data: withoutEndpoint }].map((event, index) => ({
    ...event,
    id: stepEventId("health", "run", `${index}`),
    time: new Date(fromMs + index * 1000).toISOString(),
  }));
}
