/** The lists of single things behind the dashboard's numbers: turns, and dead letters by their reason. */
import assert from "node:assert/strict";
import { migrate } from "./migrate.ts";
import { createTemporaryDatabase } from "./testing/temporary_database.ts";

const at = (time: string) => `2026-11-23 ${time}.000`;
let events = 0;

/** A row of the table `events`, of a turn of the same conversation. */
function eventRow(turn_id: string, event_type: string, time: string, more: object = {}) {
  return {
    event_id: `00000000-0000-4000-8000-${String(events++).padStart(12, "0")}`,
    event_type,
    event_time: at(time),
    conversation_id: "conversation",
    turn_id,
    ...more,
  };
}

const answer = (attempt: number, model: string) => ({
  attempt,
  model,
  outcome: "completed",
  time_to_first_token_ms: 40 * attempt,
  input_tokens: 10,
  output_tokens: 5,
  cost_usd: 0.25,
});

Deno.test("the lists behind the dashboard's numbers", async (test) => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });

  await test.step("turns tells of each turn that ended in the range by its last end and all its attempts", async () => {
    const values = [
      eventRow("plain", "attempt.completed", "11:00:01", answer(1, "llama")),
      eventRow("plain", "turn.completed", "11:00:02", { outcome: "completed", duration_ms: 900 }),
      // It failed before the range, was reset, and went over a second model.
      eventRow("reset", "attempt.failed", "09:00:00", {
        attempt: 1,
        model: "llama",
        error_class: "overloaded",
        input_tokens: 10,
      }),
      eventRow("reset", "turn.failed", "09:00:01", { outcome: "failed", duration_ms: 100 }),
      eventRow("reset", "attempt.started", "10:29:59", { attempt: 2, model: "spare" }),
      eventRow("reset", "attempt.completed", "10:30:00", answer(2, "spare")),
      eventRow("reset", "turn.completed", "10:30:01", { outcome: "completed", duration_ms: 200 }),
      eventRow("before", "turn.completed", "09:59:59", { outcome: "completed", duration_ms: 1 }),
      eventRow("rerun", "turn.completed", "11:00:00", { outcome: "completed", backtest_id: "b" }),
    ];
    // Twice, as after a crash.
    for (let time = 0; time < 2; time++) {
      await database.client.insert({ table: "events", values, format: "JSONEachRow" });
    }
    const plain = {
      time: "2026-11-23 11:00:02.000",
      outcome: "completed",
      models: "llama",
      attempts: 1,
      failures: "",
      time_to_first_token_ms: 40,
      duration_ms: 900,
      input_tokens: 10,
      output_tokens: 5,
      cost_usd: 0.25,
      conversation_id: "conversation",
      turn_id: "plain",
    };
    const reset = {
      ...plain,
      time: "2026-11-23 10:30:01.000",
      models: "llama → spare",
      attempts: 2,
      failures: "overloaded",
      time_to_first_token_ms: 80,
      duration_ms: 200,
      input_tokens: 20,
      turn_id: "reset",
    };
    const turns = (narrowed: { model?: string; error_class?: string } = {}) =>
      database.rows(
        "SELECT * FROM turns(from={from:DateTime64(3)}, to={to:DateTime64(3)}, model={model:String}, " +
          "error_class={error_class:String}, experiment='', variant='')",
        { from: at("10:00:00"), to: at("12:00:00"), model: "", error_class: "", ...narrowed },
      );
    assert.deepEqual(await turns(), [plain, reset]);
    assert.deepEqual(await turns({ model: "spare" }), [reset]);
    assert.deepEqual(await turns({ error_class: "overloaded" }), [reset]);
    assert.deepEqual(await turns({ error_class: "refused" }), []);
  });

  await test.step("dead_letters_by_reason counts each message once, and shows how the latest begins", async () => {
    const letter = (offset: number, reason_class: string, reason: string) => ({
      topic: "turnlog.events",
      partition: 0,
      offset,
      message_time: at("11:00:00"),
      failed_at: at(`11:00:0${offset}`),
      reason_class,
      reason,
      value: `${offset}`.repeat(300),
      value_encoding: "text",
    });
    const values = [
      letter(1, "not-an-event", "time: found 5, not a time"),
      letter(2, "not-an-event", "time: found 6, not a time"),
      letter(3, "not-json", "Unexpected end of JSON input"),
      { ...letter(4, "refused", "Cannot parse"), replayed_at: at("11:30:00") },
    ];
    for (let time = 0; time < 2; time++) {
      await database.client.insert({ table: "dead_letters", values, format: "JSONEachRow" });
    }
    const reasons = await database.rows<{ last_reason: string }>(
      "SELECT reason_class, last_reason, dead_letters, last_place, last_begins " +
        "FROM dead_letters_by_reason(from={from:DateTime64(3)}, to={to:DateTime64(3)})",
      { from: at("11:00:00"), to: at("12:00:00") },
    );
    assert.deepEqual(reasons, [
      {
        reason_class: "not-json",
        last_reason: "Unexpected end of JSON input",
        dead_letters: 1,
        last_place: "turnlog.events/0/3",
        last_begins: "3".repeat(200),
      },
      {
        reason_class: "not-an-event",
        last_reason: "time: found 6, not a time",
        dead_letters: 2,
        last_place: "turnlog.events/0/2",
        last_begins: "2".repeat(200),
      },
    ]);
  });
});
