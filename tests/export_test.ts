/** Exports on real engines: what is in the files, who is left out, what a killed worker does to it, and how files go. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { ExportedConversation, ExportView } from "../events/contract/export.ts";
import { exportFileNames, type ExportFormat } from "../events/contract/export_files.ts";
import { createEvent, createSystemEvent, type TurnlogEvent } from "../events/contract/event.ts";
import { noUsage } from "../events/contract/usage.ts";
import { newEventId } from "../events/event_id.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { TurnClient } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";
import { exportedConversation } from "../workflows/export/exported_conversation.ts";
import { haveConversations, readStore } from "./support/backtests.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;
/** The conversations of one who allows it, with a branch in the first, and of one who does not. */
let willing: string[];
const from = new Date(Date.now() - 60_000).toISOString();
let to: string;

Deno.test.beforeAll(async () => {
  test = await startTestStack();
  const silent = await TurnClient.connect(test.stack.url);
  const texts = [["Ask 0.0 “naïve” 🙂", "Ask 0.1"], ["Ask 1.0"], ["Ask 2.0"]];
  const [mine] = await Promise.all(
    [test.client, silent].map((client) => haveConversations(client, texts, "demo")),
  );
  willing = mine.map(({ conversationId }) => conversationId);
  const [first, second] = mine[0].turnIds;
  await test.client.request("POST", `/api/turns/${first}/feedback`, { rating: "up" });
  const again = await test.client.request("POST", `/api/turns/${second}/regenerate`, {});
  await test.client.untilEnded((await again.json()).turnId);
  assert.deepEqual(await consent(), { given: false, since: null });
  const given = await test.client.request("PUT", "/api/me/consent", { given: true });
  assert.equal((await given.json()).given, true);
  to = new Date().toISOString();
});

Deno.test.afterAll(() => test.stop());

async function consent() {
  return await (await test.client.request("GET", "/api/me/consent")).json();
}

async function start(request: Record<string, unknown>): Promise<ExportView> {
  const response = await test.client.request("POST", "/api/exports", request);
  assert.ok(response.ok, await response.clone().text());
  return await response.json();
}

async function read(id: string): Promise<ExportView> {
  return await (await test.client.request("GET", `/api/exports/${id}`)).json();
}

function untilStatus(id: string, status: ExportView["status"], withinMs = 30_000) {
  return until(`export ${id} is ${status}`, withinMs, async () => {
    const view = await read(id);
    return view.status === status && view;
  });
}

async function download(id: string, format: ExportFormat): Promise<Response> {
  const path = `/api/exports/${id}/files/${exportFileNames[format]}`;
  return await test.client.request("GET", path);
}

async function lines(id: string, format: "jsonl" | "fine-tuning") {
  const text = await (await download(id, format)).text();
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function inStore(store: EventStore, ids: readonly string[]): Promise<ExportedConversation[]> {
  return Promise.all(
    ids.map(async (id) =>
      exportedConversation((await store.conversation(id))!, await store.conversationTurns(id))
    ),
  );
}

const byId = (a: { id: string }, b: { id: string }) => a.id < b.id ? -1 : 1;

Deno.test("the conversations of those who allow it are exported as the store has them, in each format", async () => {
  const formats = ["jsonl", "parquet", "fine-tuning"];
  const request = { id: "whole", from, to, formats };
  await start(request);
  const { progress } = await untilStatus("whole", "ready");
  assert.deepEqual(
    { ...progress, files: [], expiresAt: "" },
    {
      toRead: 6,
      read: 6,
      conversations: 3,
      turns: 5,
      withoutConsent: { conversations: 3, turns: 4 },
      files: [],
      expiresAt: "",
    },
  );
  assert.ok(Date.parse(progress.expiresAt!) > Date.now() + 6 * 86_400_000);

  const expected = await readStore(test, (store) => inStore(store, willing));
  assert.deepEqual((await lines("whole", "jsonl")).toSorted(byId), expected.toSorted(byId));

  const examples = (await lines("whole", "fine-tuning")).map((line) => openAiExample.parse(line));
  const learned = examples.flatMap(({ messages }) =>
    messages.filter((message) => "weight" in message && message.weight === 1)
      .map(({ content }) => content)
  );
  const answers = expected.flatMap(({ turns }) => turns.map(({ text }) => text));
  assert.deepEqual(learned.toSorted(), answers.toSorted());

  assert.deepEqual(
    (await readParquet(await (await download("whole", "parquet")).bytes())).toSorted(byId),
    expected.flatMap(({ id, turns }) =>
      turns.map((turn) => ({
        id: turn.id,
        conversation_id: id,
        message: turn.message,
        answer: turn.text,
        model: "demo",
        rating: turn.feedback.rating,
        sent_at: turn.sentAt.replace("T", " ").slice(0, -1),
        output_tokens: turn.usage.outputTokens,
        duration_ms: turn.durationMs,
        cost_usd: turn.costUsd,
      }))
    ).toSorted(byId),
  );

  const again = await test.client.request("POST", "/api/exports", request);
  assert.equal(again.status, 200, "the same again is the same export");
  const [created] = await until("the export is an event", 15_000, async () => {
    const rows = await test.query<{ subject: string; turns: number }>(
      "SELECT subject, data.turns::UInt32 AS turns FROM events FINAL WHERE event_type = 'export.created'",
    );
    return rows.length === 1 && rows;
  });
  assert.deepEqual(created, { subject: "export/whole", turns: 5 });
});

/** As OpenAI's guide describes a line of a training file. */
const openAiExample = z.strictObject({
  messages: z.array(z.discriminatedUnion("role", [
    z.strictObject({ role: z.literal("system"), content: z.string() }),
    z.strictObject({ role: z.literal("user"), content: z.string().min(1) }),
    z.strictObject({
      role: z.literal("assistant"),
      content: z.string().min(1),
      weight: z.union([z.literal(0), z.literal(1)]),
    }),
  ])).min(2).refine((messages) => {
    const last = messages.at(-1)!;
    return last.role === "assistant" && last.weight === 1;
  }, "must end with an answer that is learned"),
});

/** ClickHouse itself reads it. */
async function readParquet(file: Uint8Array<ArrayBuffer>) {
  const url = new URL(test.stack.variables.CLICKHOUSE_URL);
  const authorization = `Basic ${btoa(`${url.username}:${url.password}`)}`;
  const run = async (sql: string, body?: Uint8Array<ArrayBuffer>) => {
    const address = `${url.origin}/?${new URLSearchParams({ query: sql })}`;
    const response = await fetch(address, { method: "POST", headers: { authorization }, body });
    const text = await response.text();
    assert.ok(response.ok, text);
    return text;
  };
  await run(`CREATE TABLE exported (
    conversation_id String, turn_id String, message String, answer String, model String,
    rating Nullable(String), sent_at DateTime64(3, 'UTC'), output_tokens UInt32, duration_ms Float64,
    cost_usd Nullable(Float64)
  ) ENGINE = Memory`);
  try {
    await run(
      "INSERT INTO exported SETTINGS input_format_skip_unknown_fields = 1 FORMAT Parquet",
      file,
    );
    const rows = await run(
      "SELECT turn_id AS id, * EXCEPT (turn_id) FROM exported FORMAT JSONEachRow",
    );
    return rows.trimEnd().split("\n").map((row) => JSON.parse(row));
  } finally {
    await run("DROP TABLE exported");
  }
}

Deno.test("a filter takes the turns that it names, and whoever takes their word back is left out", async () => {
  await start({ id: "liked", from, to, rating: "up" });
  await untilStatus("liked", "ready");
  const [liked] = await lines("liked", "jsonl") as ExportedConversation[];
  assert.deepEqual(liked.turns.map(({ message }) => message), ["Ask 0.0 “naïve” 🙂"]);

  await test.client.request("PUT", "/api/me/consent", { given: false });
  await start({ id: "withdrawn", from, to });
  const { progress } = await untilStatus("withdrawn", "ready");
  assert.equal(progress.conversations, 0);
  assert.deepEqual(progress.withoutConsent, { conversations: 6, turns: 9 });
  assert.equal(await (await download("withdrawn", "jsonl")).text(), "");
});

Deno.test("what a turn cost is null in each format where its model has no price", async () => {
  await readStore(
    test,
    (store) => store.append([consentOf("unpriced"), ...pastConversation("unpriced", "unpriced")]),
  );
  await start({ id: "unpriced", from, userKey: "unpriced", formats: ["jsonl", "parquet"] });
  await untilStatus("unpriced", "ready");
  const [{ turns }] = await lines("unpriced", "jsonl") as ExportedConversation[];
  assert.deepEqual(turns.map(({ costUsd }) => costUsd), [null]);
  const rows = await readParquet(await (await download("unpriced", "parquet")).bytes());
  assert.deepEqual(rows.map(({ cost_usd }) => cost_usd), [null]);
});

Deno.test("a worker killed in the middle: each conversation is exported once", async () => {
  const count = 8000;
  const ids = Array.from({ length: count }, (_, index) => `many-${index}`);
  await readStore(test, async (store) => {
    await store.append([consentOf("many")]);
    for (let at = 0; at < count; at += 500) {
      await store.append(ids.slice(at, at + 500).flatMap((id) => pastConversation(id, "many")));
    }
  });
  await start({ id: "killed", from, userKey: "many", formats: ["jsonl", "parquet"] });
  await until(
    "some pages are written",
    30_000,
    async () => (await read("killed")).progress.read > 0,
  );
  await test.stack.kill("worker");
  const between = await read("killed");
  assert.equal(between.status, "running");
  assert.ok(between.progress.read < count, "it had ended before the kill");

  const { progress } = await untilStatus("killed", "ready", 90_000);
  assert.deepEqual([progress.read, progress.conversations], [count, count]);
  const exported = await lines("killed", "jsonl") as ExportedConversation[];
  assert.deepEqual(exported.map(({ id }) => id), ids);
  const expected = await readStore(test, (store) => inStore(store, ids.slice(-3)));
  assert.deepEqual(exported.slice(-3), expected);
  const rows = await readParquet(await (await download("killed", "parquet")).bytes());
  assert.equal(new Set(rows.map(({ id }) => id)).size, count);
  assert.equal(rows.length, count);
});

function consentOf(userKey: string): TurnlogEvent {
  return createSystemEvent({
    id: newEventId(),
    source: "tests",
    type: "consent.given",
    subject: `user/${userKey}`,
    data: { userKey },
  });
}

/** Answered by a model without a price. */
function pastConversation(id: string, userKey: string): TurnlogEvent[] {
  const subject = { tenant: "default", userKey, conversationId: id, turnId: id, attempt: 1 };
  const event = { source: "tests", subject };
  const message = { text: `Ask ${id}`, parentTurnId: null, route: "default", requestHash: "h" };
  const usage = { ...noUsage, inputTokens: 3, outputTokens: 2 };
  const end = { attempts: 1, durationMs: 1, usage, costUsd: 0 };
  const target = { provider: "local", model: "llama", requestModel: "llama", isFallback: false };
  const finishReason = { unified: "stop", raw: null } as const;
  return [
    createEvent({ ...event, id: newEventId(), type: "message.sent", data: message }),
    createEvent({
      ...event,
      id: newEventId(),
      type: "attempt.started",
      data: { ...target, continues: 0 },
    }),
    createEvent({
      ...event,
      id: newEventId(),
      type: "attempt.completed",
      data: {
        ...target,
        responseModel: "llama",
        timeToFirstTokenMs: 1,
        durationMs: 1,
        usage,
        costUsd: 0,
        priceVersion: null,
        text: `Answer to ${id}`,
        reasoning: "",
        isContinuation: false,
        lastSequence: 1,
        finishReason,
      },
    }),
    createEvent({
      ...event,
      id: newEventId(),
      type: "turn.completed",
      data: { ...end, finishReason },
    }),
  ] as TurnlogEvent[];
}

Deno.test("files go when their time is over, and when they are not wanted any more", async () => {
  await start({ id: "short", from, to, keepDays: 3 / 86_400 });
  await start({ id: "unwanted", from, to });
  await untilStatus("unwanted", "ready");
  assert.equal((await test.client.request("POST", "/api/exports/unwanted/stop")).status, 202);
  const stopped = await untilStatus("unwanted", "stopped");
  assert.deepEqual(stopped.progress.files, []);
  const expired = await untilStatus("short", "expired");
  assert.deepEqual(expired.progress.files, []);
  for (const id of ["short", "unwanted", "nobody"]) {
    const response = await download(id, "jsonl");
    assert.equal(response.status, 404, id);
    await response.body?.cancel();
  }
});

Deno.test("the command brings the files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const range = ["--from", from, "--user", "many"];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "scripts/export.ts", ...range, "--id", "command", "--to-folder", folder],
      env: { TURNLOG_URL: test.stack.url },
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, text);
    assert.match(
      text,
      /ready: 8000 of 8000 conversations read, 8000 with 8000 turns taken, 0 left/,
    );
    const file = await Deno.readTextFile(`${folder}/conversations.jsonl`);
    assert.equal(file.split("\n").length, 8001);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
