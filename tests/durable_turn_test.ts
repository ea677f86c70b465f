/** What a turn outlives, and what its user may do meanwhile: waiting, another model, branches, workers that die or are away. */
import assert from "node:assert/strict";
import type { ReceivedPart } from "../scripts/load/turn_client.ts";
import { answerOf, TurnClient } from "../scripts/load/turn_client.ts";
import { type MockOpenAi, startMockOpenAi } from "../scripts/load/mock_openai.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { until } from "../scripts/load/until.ts";
import { instructionOpening } from "../workflows/continuation.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";

const configuration = `
providers:
  mock: { kind: openai, baseUrl: "\${VLLM_URL}", vllm: true, breaker: { failures: 1000 } }
  told: { kind: openai, baseUrl: "\${VLLM_URL}/told/v1", breaker: { failures: 1000 } }
  simulated: { kind: simulated }
models:
  mock: { provider: mock, name: auto }
  told: { provider: told, name: mock-model }
  small: { provider: mock, name: small, contextTokens: 300 }
  no-larger: { provider: mock, name: no-larger, contextTokens: 300 }
  large: { provider: mock, name: large, contextTokens: 3000 }
  demo: { provider: simulated, parameters: { firstTokenMs: 20, tokenMs: 5 } }
routes:
  default: { candidates: [demo] }
  waits: { candidates: [mock], retry: { attempts: 1 }, onExhausted: wait, waitMs: 600000, waitDelayMs: 60000 }
  waits-briefly: { candidates: [mock], retry: { attempts: 1 }, onExhausted: wait, waitMs: 2500, waitDelayMs: 1000 }
  long: { candidates: [small, no-larger, large] }
`;

const down = { error: { status: 503, body: { error: { message: "Down" } } } };

let mock: MockOpenAi;
let temporary: TemporaryStack;
let client: TurnClient;

Deno.test.beforeAll(async () => {
  mock = startMockOpenAi();
  temporary = await startTemporaryStack({
    models: configuration,
    // The workers make all calls: they are what is killed and halted here.
    variables: { VLLM_URL: mock.url, TURNLOG_API_TURNS: "0" },
  });
  client = await TurnClient.connect(temporary.stack.url);
});

Deno.test.afterAll(async () => {
  await temporary.stop();
  await mock.close();
});

function simulated(text: string, tokens?: number): string {
  return simulateAnswer(text, tokens).join("");
}

async function waitingTurn(text: string): Promise<string> {
  mock.behave(down);
  const { turnId } = await client.ask({ text, model: "waits" });
  await until("it waits", 10_000, async () => (await client.turn(turnId)).status === "waiting");
  return turnId;
}

function choose(turnId: string, model: string): Promise<Response> {
  return client.request("POST", `/api/turns/${turnId}/model`, { model });
}

Deno.test("a turn that waits is answered at once by the model that its user chooses", async () => {
  const turnId = await waitingTurn("Choose");
  const chosenMs = performance.now();
  assert.equal((await choose(turnId, "demo")).status, 202);
  const parts = await client.read(turnId);
  assert(performance.now() - chosenMs < 10_000, "it does not wait for its next try");
  assert.equal(answerOf(parts).text, simulated("Choose"));
  const turn = await client.turn(turnId);
  assert.equal(turn.route, "demo");
  assert.deepEqual(turn.attempts.map(({ model, error }) => [model, error?.class]), [
    ["mock", "overloaded"],
    ["demo", undefined],
  ]);
  const late = await choose(turnId, "mock");
  assert.equal(late.status, 409);
  assert.equal((await late.json()).type, "/problems/turn-ended");
});

Deno.test("a chosen model that is down as well is waited for, as long as the turn may wait", async () => {
  const turnId = await waitingTurn("Choose again");
  assert.equal((await choose(turnId, "told")).status, 202);
  await until("it waits for the other", 10_000, async () => {
    const { status, attempts } = await client.turn(turnId);
    return status === "waiting" && attempts.at(-1)?.model === "told";
  });
  mock.behave({ tokens: 20 });
  assert.equal((await choose(turnId, "told")).status, 202);
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.text, simulated("Choose again", 20));
  const models = turn.attempts.map(({ model }) => model);
  assert.deepEqual([...new Set(models)], ["mock", "told"]);
  assert.equal(turn.attempts.at(-1)?.continues, 0);
});

Deno.test("a turn that waits can be stopped", async () => {
  const turnId = await waitingTurn("Enough");
  await client.stop(turnId);
  assert.equal((await client.untilEnded(turnId)).status, "stopped");
});

Deno.test("a turn waits to the end of its time, tries once more then, and fails", async () => {
  mock.behave(down);
  const { turnId } = await client.ask({ text: "In vain", model: "waits-briefly" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "failed");
  assert.equal(turn.error?.class, "overloaded");
  const lastMs = Date.parse(turn.attempts.at(-1)!.startedAt) -
    Date.parse(turn.attempts[0].endedAt!);
  assert(lastMs >= 2000 && lastMs < 6000, `the last try came after ${lastMs} ms`);
  assert.equal(turn.attempts.length, 3);
});

Deno.test("a conversation that is too long is not sent, and goes to the next one that takes more", async () => {
  mock.behave({ tokens: 5 });
  const asked = mock.requests.length;
  const { turnId } = await client.ask({ text: "word ".repeat(400), model: "long" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.status, "completed");
  assert.deepEqual(turn.attempts.map(({ model, error }) => [model, error?.class]), [
    ["small", "context-too-long"],
    ["large", undefined],
  ]);
  assert.equal(turn.attempts[0].error?.contextTokens, 300);
  assert.deepEqual(mock.requests.slice(asked).map(({ body }) => body.model), ["large"]);
});

Deno.test("vLLM's own context counts where none is configured", async () => {
  mock.behave({ tokens: 5 });
  const asked = mock.requests.length;
  // The mock tells, as vLLM does, that its model takes 2048 tokens.
  const { turnId } = await client.ask({ text: "word ".repeat(3000), model: "mock" });
  const turn = await client.untilEnded(turnId);
  assert.equal(turn.error?.class, "context-too-long");
  assert.equal(turn.error?.contextTokens, 2048);
  assert.equal(mock.requests.length, asked);
});

Deno.test("two tabs that send at once make two branches, each with its own history", async () => {
  mock.behave({ tokens: 8 });
  const conversationId = await client.conversation();
  const root = await client.send(conversationId, { text: "Root", model: "mock" });
  await client.untilEnded(root.turnId);
  const tabs = [0, 1].map(async (index) => {
    const { turnId } = await client.send(conversationId, {
      text: `Tab ${index}`,
      model: "mock",
      parentTurnId: root.turnId,
    });
    return await client.untilEnded(turnId);
  });
  const [one, two] = await Promise.all(tabs);
  assert.deepEqual([one.text, two.text], [simulated("Tab 0", 8), simulated("Tab 1", 8)]);
  const { turns } = await client.detail(conversationId);
  assert.deepEqual(turns.map(({ parentTurnId }) => parentTurnId), [null, root.turnId, root.turnId]);
  assert.deepEqual(
    new Set(turns.map(({ message }) => message)),
    new Set(["Root", "Tab 0", "Tab 1"]),
  );
  for (const { body } of mock.requests.slice(-2)) {
    assert.equal(body.messages.length, 3, "the other branch is not in its history");
  }
});

Deno.test("an edited message is a sibling of the first one, and so is a regenerated answer", async () => {
  mock.behave({ tokens: 8 });
  const conversationId = await client.conversation();
  const send = async (text: string, parentTurnId: string | null) => {
    const { turnId } = await client.send(conversationId, { text, model: "mock", parentTurnId });
    await client.untilEnded(turnId);
    return turnId;
  };
  const root = await send("Root", null);
  const first = await send("First", root);
  await send("After it", first);
  const edited = await send("Edited", root);
  assert.deepEqual(contentsOf(mock), ["Root", simulated("Root", 8), "Edited"]);
  const response = await client.request("POST", `/api/turns/${edited}/regenerate`, {});
  const regenerated = await client.untilEnded((await response.json()).turnId);
  assert.equal(regenerated.parentTurnId, root);
  assert.equal(regenerated.regeneratedFrom, edited);
  assert.equal(regenerated.text, simulated("Edited", 8));
  assert.deepEqual(contentsOf(mock), ["Root", simulated("Root", 8), "Edited"]);
});

function contentsOf({ requests }: MockOpenAi): string[] {
  const { messages } = requests.at(-1)!.body;
  return messages.map(({ content }: { content: string }) => content);
}

Deno.test("an answer with thoughts that breaks off is continued in words, and both are kept", async () => {
  const asked = mock.requests.length;
  mock.behave((_, index) => ({
    tokens: 20,
    reasoning: index === asked ? "Let me think." : "Where was I?",
    ...(index === asked && { fault: { afterTokens: 9, how: "cut" } }),
  }));
  const { turnId } = await client.ask({ text: "Think", model: "mock" });
  const parts = await client.read(turnId);
  const turn = await client.turn(turnId);
  assert.equal(turn.text, simulated("Think", 20));
  assert.equal(turn.reasoning, "Let me think.\n\nWhere was I?");
  const { text, reasoning } = answerOf(parts);
  assert.deepEqual({ text, reasoning }, { text: turn.text, reasoning: turn.reasoning });
  assert(contentsOf(mock).at(-1)!.startsWith(instructionOpening));
});

Deno.test("a worker that dies in the middle is followed within 5 s by one that has the model go on", async () => {
  mock.behave({ firstTokenMs: 10, tokenMs: 30, tokens: 250 });
  const { turnId } = await client.ask({ text: "Survive", model: "told" });
  const parts: ReceivedPart[] = [];
  let killedMs = Infinity;
  for await (const part of client.parts(turnId)) {
    parts.push(part);
    if (parts.length === 30) {
      killedMs = performance.now();
      temporary.stack.kill("worker");
    }
  }
  const next = parts.find(({ part, position }) =>
    part.type === "text-delta" && position.attempt === 2
  )!;
  const turn = await client.turn(turnId);
  assert.equal(turn.text, simulated("Survive", 250));
  assert.equal(answerOf(parts).text, turn.text);
  assert.deepEqual(turn.attempts.map(({ error }) => error?.class), ["interrupted", undefined]);
  assert(turn.attempts[1].continues > 0);
  const pauseMs = next.receivedMs - killedMs;
  assert(pauseMs < 5000, `the next word came ${Math.round(pauseMs)} ms after the kill`);
});

Deno.test("an api without workers accepts turns, which are answered when one is back", async () => {
  const { pid } = temporary.stack.processes().find(({ name }) => name === "worker")!;
  Deno.kill(pid!, "SIGSTOP");
  try {
    const accepted = await client.ask({ text: "Nobody is there", model: "demo" });
    assert.equal((await client.turn(accepted.turnId)).status, "accepted");
    Deno.kill(pid!, "SIGCONT");
    assert.equal((await client.untilEnded(accepted.turnId)).text, simulated("Nobody is there"));
  } finally {
    Deno.kill(pid!, "SIGCONT");
  }
});
