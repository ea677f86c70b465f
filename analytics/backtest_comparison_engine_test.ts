/** The comparison of a backtest with the turns that it answered again: every number counted by hand. */
import assert from "node:assert/strict";
import { backtestTurnId } from "../events/contract/backtest.ts";
import {
  createEvent,
  type EventData,
  type EventSubject,
  type EventType,
} from "../events/contract/event.ts";
import { newEventId } from "../events/event_id.ts";
import { readEventRows } from "./ingest/event_row.ts";
import type { Row } from "./ingest/insert_rows.ts";
import { migrate } from "./migrate.ts";
import { createTemporaryDatabase } from "./testing/temporary_database.ts";

const minuteMs = 60_000;
const originalMs = Date.parse("2026-10-01T08:00:00Z");
const rerunMs = Date.parse("2026-11-24T08:00:00Z");

interface Attempt {
  model: string;
  text: string;
  firstTokenMs: number | null;
  /** Of the text before it, how much it goes on from. */
  continues?: number;
  fails?: boolean;
}

interface Turn {
  subject: EventSubject;
  atMs: number;
  attempts: Attempt[];
  end: "completed" | "stopped" | "failed";
  durationMs?: number;
}

/** Each attempt read 10 tokens, wrote 5 and cost $0.001. */
function rowsOf({ subject, atMs, attempts, end, durationMs = 0 }: Turn): Row[] {
  let ms = atMs;
  const row = <Type extends EventType>(type: Type, data: EventData[Type], attempt?: number) =>
    readEventRows(new TextEncoder().encode(JSON.stringify(createEvent({
      id: newEventId(),
      source: "turnlog/workflows",
      type,
      subject: { ...subject, attempt },
      data,
      time: new Date(ms++),
    })))).event;
  const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 };
  const error = { class: "overloaded" as const, message: "busy" };
  const finishReason = { unified: "stop" as const, raw: null };
  const rows = attempts.flatMap(({ model, text, firstTokenMs, continues = 0, fails }, index) => {
    const target = { provider: "p", model, requestModel: model, isFallback: index > 0 };
    const ended = {
      ...target,
      responseModel: model,
      timeToFirstTokenMs: firstTokenMs,
      durationMs: 1,
      usage,
      costUsd: 0.001,
      priceVersion: null,
      text,
      reasoning: "",
      isContinuation: continues > 0,
      lastSequence: 1,
    };
    return [
      row("attempt.started", { ...target, continues }, index + 1),
      fails
        ? row("attempt.failed", { ...ended, error }, index + 1)
        : row("attempt.completed", { ...ended, finishReason }, index + 1),
    ];
  });
  const totals = { attempts: attempts.length, durationMs, usage, costUsd: 0 };
  if (end === "completed") rows.push(row("turn.completed", { ...totals, finishReason }));
  if (end === "stopped") rows.push(row("turn.stopped", { ...totals, textLength: 1 }));
  if (end === "failed") rows.push(row("turn.failed", { ...totals, error }));
  return rows;
}

function original(turnId: string, turn: Omit<Turn, "subject" | "atMs">): Row[] {
  const subject = { tenant: "t", userKey: "u", conversationId: "c", turnId };
  return rowsOf({ subject, atMs: originalMs, ...turn });
}

function rerun(
  id: string,
  original: string,
  turn: Omit<Turn, "subject" | "atMs">,
  atMs = rerunMs,
): Row[] {
  const turnId = backtestTurnId(id, original);
  const backtest = { id, turnId: original };
  const subject = { tenant: "t", userKey: "backtest", conversationId: turnId, turnId, backtest };
  return rowsOf({ subject, atMs, ...turn });
}

function answer(model: string, text: string, firstTokenMs: number): Attempt[] {
  return [{ model, text, firstTokenMs }];
}

Deno.test("a backtest is set beside the turns that it answered again, and no others", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const rows = [
    // Answered, with a fallback that went on after four characters; stopped; failed; never answered again.
    ...original("a", {
      end: "completed",
      durationMs: 400,
      attempts: [
        { model: "old", text: "abcdef", firstTokenMs: 50, fails: true },
        { model: "spare", text: "ghij", firstTokenMs: 70, continues: 6 },
      ],
    }),
    ...original("b", { end: "stopped", attempts: answer("old", "long", 90) }),
    ...original("c", {
      end: "failed",
      attempts: [{ model: "old", text: "", firstTokenMs: null, fails: true }],
    }),
    ...original("d", { end: "completed", durationMs: 9, attempts: answer("old", "x", 1) }),
    ...rerun("nightly", "a", {
      end: "completed",
      durationMs: 100,
      attempts: answer("new", "äö😀", 10),
    }),
    ...rerun("nightly", "b", {
      end: "completed",
      durationMs: 200,
      attempts: answer("new", "12345", 20),
    }),
    ...rerun("nightly", "c", {
      end: "completed",
      durationMs: 300,
      attempts: answer("new", "1234567890123", 30),
    }),
    // Another backtest of the same turn, a day later; and one whose original is not known.
    ...rerun("weekly", "a", {
      end: "failed",
      attempts: [{ model: "new", text: "", firstTokenMs: null, fails: true }],
    }, rerunMs + 1440 * minuteMs),
    ...rerun("weekly", "erased", {
      end: "completed",
      durationMs: 1,
      attempts: answer("new", "x", 1),
    }, rerunMs + 1440 * minuteMs),
  ];
  // Twice, as after a crash.
  for (let time = 0; time < 2; time++) {
    await database.client.insert({ table: "events", values: rows, format: "JSONEachRow" });
  }
  const compare = (fromMs: number, toMs: number) =>
    database.rows<Record<string, unknown>>(
      "SELECT * FROM backtest_comparison(from={from:DateTime64(3)}, to={to:DateTime64(3)})",
      { from: new Date(fromMs), to: new Date(toMs) },
    );

  assert.deepEqual(await compare(rerunMs, rerunMs + 60 * minuteMs), [
    {
      time: "2026-11-24 08:00:00.002",
      backtest_id: "nightly",
      side: "original",
      turns: 3,
      completed: 1,
      stopped: 1,
      failed: 1,
      failure_rate: 1 / 3,
      duration_ms_p50: 400,
      duration_ms_p95: 400,
      time_to_first_token_ms_p50: 70,
      time_to_first_token_ms_p95: 90,
      input_tokens: 40,
      output_tokens: 20,
      cost_usd: 0.004,
      answer_length_avg: 10,
      models: "old, spare",
    },
    {
      time: "2026-11-24 08:00:00.002",
      backtest_id: "nightly",
      side: "rerun",
      turns: 3,
      completed: 3,
      stopped: 0,
      failed: 0,
      failure_rate: 0,
      duration_ms_p50: 200,
      duration_ms_p95: 300,
      time_to_first_token_ms_p50: 20,
      time_to_first_token_ms_p95: 30,
      input_tokens: 30,
      output_tokens: 15,
      cost_usd: 0.003,
      answer_length_avg: 22 / 3,
      models: "new",
    },
  ]);

  const later = await compare(rerunMs + 60 * minuteMs, rerunMs + 2000 * minuteMs);
  assert.deepEqual(
    later.map(({ backtest_id, side, turns, failed, duration_ms_p50, answer_length_avg }) => ({
      backtest_id,
      side,
      turns,
      failed,
      duration_ms_p50,
      answer_length_avg,
    })),
    [
      {
        backtest_id: "weekly",
        side: "original",
        turns: 1,
        failed: 0,
        duration_ms_p50: 400,
        answer_length_avg: 10,
      },
      {
        backtest_id: "weekly",
        side: "rerun",
        turns: 1,
        failed: 1,
        duration_ms_p50: null,
        answer_length_avg: null,
      },
    ],
  );
});
