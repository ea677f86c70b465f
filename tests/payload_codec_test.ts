/** With payload keys, nothing that people write or models answer can be read in Temporal's store, but by operators. */
import { Client } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { NativeConnection } from "@temporalio/worker";
import assert from "node:assert/strict";
import { turnWorkflowId } from "../events/contract/names.ts";
import { createPayloadCodec, dataConverterOf } from "../events/payload_codec.ts";
import { until } from "../scripts/load/until.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

const token = "an operator's token";
const key = crypto.getRandomValues(new Uint8Array(32));
const keys = [{ id: "2026-11", key }];

let test: TestStack;
let connection: NativeConnection;

Deno.test.beforeAll(async () => {
  test = await startTestStack({
    TURNLOG_PAYLOAD_KEYS: `2026-11:${key.toBase64()}`,
    TURNLOG_OPERATOR_TOKEN: token,
  });
  connection = await NativeConnection.connect({ address: test.stack.addresses.temporal });
});

Deno.test.afterAll(async () => {
  await connection.close();
  await test.stop();
});

/** A word that stands nowhere else, whatever the encoding around it. */
function secretWord(): string {
  return `zq${crypto.randomUUID().replaceAll("-", "")}`;
}

/** Whether any file of Temporal's database holds the text, plain or as base64. */
async function isInTemporalStore(text: string): Promise<boolean> {
  const folder = `${test.stack.settings.TURNLOG_DATA}/temporal`;
  // Of base64, what does not depend on the place in the bytes before.
  const encoded = [0, 1, 2].map((shift) => btoa(" ".repeat(shift) + text).slice(4, -4));
  for await (const { name } of Deno.readDir(folder)) {
    const bytes = new TextDecoder("latin1").decode(await Deno.readFile(`${folder}/${name}`));
    if ([text, ...encoded].some((form) => bytes.includes(form))) return true;
  }
  return false;
}

function rawHistory(workflowId: string): Promise<string> {
  const { workflow } = new Client({ connection });
  return workflow.getHandle(workflowId).fetchHistory().then(historyToJSON);
}

/** Asks a model that answers, until the run is over and all that there is of it is written. */
async function answered(message: string, answer: string): Promise<string> {
  test.provider.behave({ text: answer, tokenMs: 20 });
  const { turnId } = await test.client.ask({ text: message, model: "once" });
  assert.equal((await test.client.untilEnded(turnId)).text, answer);
  return turnId;
}

Deno.test("what was written and answered is unreadable in Temporal's store, and ids are not", async () => {
  const [message, word] = [secretWord(), secretWord()];
  // Longer than a heartbeat's pause, so that there is one.
  const answer = Array.from({ length: 80 }, () => word).join(" ");
  const turnId = await answered(message, answer);
  const history = await rawHistory(turnWorkflowId(turnId));
  assert(!history.includes(message) && !history.includes(word));
  assert(!history.includes(btoa(message).slice(4, -4)));
  assert.match(history, /2026-11|MjAyNi0xM/, "the key's id stands beside each payload");
  assert(await isInTemporalStore(turnId), "the search looks where Temporal writes");
  assert.equal(await isInTemporalStore(message), false, "the message");
  assert.equal(await isInTemporalStore(word), false, "the answer");
});

Deno.test("the reason of a failure is unreadable too, whatever a provider repeats in it", async () => {
  // No word that could be a key: those are not told at all.
  const word = secretWord().replace(/[^a-z]/g, "").match(/.{1,6}/g)!.join(" ");
  test.provider.behave({ error: { status: 400, body: { error: { message: `No: ${word}` } } } });
  const { turnId } = await test.client.ask({ text: "Fail", model: "once" });
  const turn = await test.client.untilEnded(turnId);
  assert.match(turn.error!.message, new RegExp(word));
  const workflowId = turnWorkflowId(turnId);
  const reader = new Client({ connection, dataConverter: dataConverterOf(keys) });
  const handle = reader.workflow.getHandle(workflowId);
  await until("its run has failed", 10_000, async () => {
    const { status } = await handle.describe();
    return status.name === "FAILED";
  });
  assert(!(await rawHistory(workflowId)).includes(word));
  assert.equal(await isInTemporalStore(word), false);
  await assert.rejects(
    handle.result(),
    (error: Error) => error.cause instanceof Error && error.cause.message.includes(word),
  );
});

Deno.test("the Temporal UI decodes payloads for operators alone, and each reading is recorded", async () => {
  const payload = { metadata: { encoding: btoa("json/plain") }, data: btoa('"Hello"') };
  const origin = new URL(test.stack.addresses.temporalUi!).origin;
  const ask = (path: string, payloads: unknown[], headers: Record<string, string> = {}) =>
    fetch(`${test.stack.url}/api/codec/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-namespace": "default", origin, ...headers },
      body: JSON.stringify({ payloads }),
    });
  const operator = { authorization: `Bearer ${token}` };
  const encoded = await (await ask("encode", [payload], operator)).json();
  assert(!JSON.stringify(encoded).includes(payload.data));

  const refused = await ask("decode", encoded.payloads);
  assert.equal(refused.status, 403);
  await refused.body?.cancel();
  const response = await ask("decode", encoded.payloads, operator);
  assert.deepEqual(await response.json(), { payloads: [payload] });
  assert.equal(response.headers.get("access-control-allow-origin"), origin);
  assert.equal(response.headers.get("access-control-allow-credentials"), "true");

  const asked = await fetch(`${test.stack.url}/api/codec/decode`, {
    method: "OPTIONS",
    headers: {
      "origin": "https://elsewhere.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-namespace",
    },
  });
  await asked.body?.cancel();
  assert.equal(asked.headers.get("access-control-allow-origin"), null);

  const rows = await until("the readings are in ClickHouse", 15_000, async () => {
    const rows = await test.query<{ action: string; by: string }>(
      `SELECT data.action::String AS action, data.by::String AS by FROM events FINAL
       WHERE event_type = 'operation.requested' ORDER BY action`,
    );
    return rows.length === 2 && rows;
  });
  assert.deepEqual(rows, [
    { action: "decode-payloads", by: "token" },
    { action: "encode-payloads", by: "token" },
  ]);
});

Deno.test("a key that is not there is told by its id", async () => {
  const other = createPayloadCodec([{ id: "lost", key }]);
  const [{ metadata, data }] = await other.encode([{ metadata: {}, data: new Uint8Array() }]);
  const json = {
    metadata: Object.fromEntries(
      Object.entries(metadata!).map(([name, bytes]) => [name, (bytes as Uint8Array).toBase64()]),
    ),
    data: (data as Uint8Array).toBase64(),
  };
  const response = await fetch(`${test.stack.url}/api/codec/decode`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ payloads: [json] }),
  });
  assert.equal(response.status, 422);
  assert.match((await response.json()).detail, /its key "lost" is not among those .* \(2026-11\)/);
});
