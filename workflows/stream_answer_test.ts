import assert from "node:assert/strict";
import { callTo } from "./providers/fixture_server.ts";
import { type ProviderChunk, ProviderError } from "./providers/provider.ts";
import { emptyAnswer, streamAnswer } from "./stream_answer.ts";

const timeouts = { firstTokenMs: 40, idleMs: 30, totalMs: 5000 };
const finish: ProviderChunk = { type: "finish", finishReason: { unified: "stop", raw: "stop" } };
const text = (text: string): ProviderChunk => ({ type: "text", text });

/** A step of a provider: a chunk, a pause in milliseconds, or an error to throw. */
type Step = ProviderChunk | number | Error;

async function run(steps: Step[], { abortAfterMs, ...changed }: Partial<typeof timeouts> & {
  abortAfterMs?: number;
} = {}) {
  const answer = emptyAnswer();
  const deltas: string[] = [];
  const abort = new AbortController();
  if (abortAfterMs !== undefined) setTimeout(() => abort.abort(), abortAfterMs);
  const outcome = await streamAnswer({
    provider: {
      continuation: () => "restart",
      async *stream() {
        for (const step of steps) {
          if (typeof step === "number") await new Promise((done) => setTimeout(done, step));
          else if (step instanceof Error) throw step;
          else yield step;
        }
      },
    },
    call: { ...callTo("simulated", ""), signal: abort.signal },
    timeouts: { ...timeouts, ...changed },
    answer,
    onDelta: (delta) => deltas.push("text" in delta ? delta.text : delta.arguments),
  });
  return { outcome, answer, deltas };
}

Deno.test("an answer is gathered, and its end is the reason why it ended", async () => {
  const usage = { inputTokens: 1, outputTokens: 2, cachedTokens: 0, reasoningTokens: 0 };
  const steps: Step[] = [
    { type: "model", model: "m-1" },
    5,
    text("Hel"),
    text("lo"),
    finish,
    { type: "usage", usage },
  ];
  const { outcome, answer, deltas } = await run(steps);
  assert.deepEqual(outcome, { type: "finished", finishReason: { unified: "stop", raw: "stop" } });
  assert.equal(answer.text, "Hello");
  assert.equal(answer.responseModel, "m-1");
  assert.deepEqual(answer.usage, usage, "usage may follow the finish");
  assert(answer.timeToFirstTokenMs !== null && answer.timeToFirstTokenMs <= answer.durationMs);
  assert.deepEqual(deltas, ["Hel", "lo"]);
});

Deno.test("a stream that ends without its proper end is cut off, never an answer", async () => {
  const { outcome, answer } = await run([text("Hel")]);
  assert.equal(outcome.type === "failed" && outcome.failure.class, "cut-off");
  assert.equal(answer.text, "Hel");
});

Deno.test("a provider that says nothing times out before the first token", async () => {
  const { outcome, answer } = await run([1000]);
  assert.equal(outcome.type === "failed" && outcome.failure.class, "timed-out");
  assert.equal(answer.timeToFirstTokenMs, null);
});

Deno.test("what is no token does not count as the first one", async () => {
  const { outcome, answer } = await run([{ type: "model", model: "m-1" }, 1000]);
  assert.equal(outcome.type === "failed" && outcome.failure.class, "timed-out");
  assert.equal(answer.timeToFirstTokenMs, null);
});

Deno.test("a stream that falls silent in the middle has stalled", async () => {
  const { outcome, answer } = await run([text("Hel"), 1000, text("lo")]);
  assert.equal(outcome.type === "failed" && outcome.failure.class, "stalled");
  assert.equal(answer.text, "Hel");
});

Deno.test("a stream that never stops coming is ended by the limit of the whole attempt", async () => {
  const steps = Array.from({ length: 50 }, () => [text("x"), 10] satisfies Step[]).flat();
  const { outcome } = await run(steps, { totalMs: 60 });
  assert.equal(outcome.type === "failed" && outcome.failure.class, "timed-out");
});

Deno.test("what the provider throws is the failure, and what it wrote is kept", async () => {
  const overloaded = new ProviderError({ class: "overloaded", message: "Busy" });
  const { outcome, answer } = await run([text("Hel"), overloaded]);
  assert.deepEqual(outcome, { type: "failed", failure: overloaded.failure });
  assert.equal(answer.text, "Hel");
});

Deno.test("whoever aborts gets what was written so far at once", async () => {
  const { outcome, answer } = await run([text("Hel"), 25, text("lo"), 1000], { abortAfterMs: 10 });
  assert.deepEqual(outcome, { type: "aborted" });
  assert.equal(answer.text, "Hel");
});

Deno.test("an answer that was complete stays so, even if its connection breaks afterwards", async () => {
  const { outcome } = await run([text("Hi"), finish, new Error("reset")]);
  assert.equal(outcome.type, "finished");
});

Deno.test("an error of Turnlog itself is thrown, not taken for the provider's", async () => {
  await assert.rejects(run([new TypeError("bug")]), /bug/);
});

Deno.test("calls of tools are gathered like text", async () => {
  const steps: Step[] = [
    { type: "tool-call", delta: { index: 0, id: "a", name: "weather", arguments: "{" } },
    { type: "tool-call", delta: { index: 0, arguments: "}" } },
    { type: "finish", finishReason: { unified: "tool-calls", raw: "tool_calls" } },
  ];
  const { answer, deltas } = await run(steps);
  assert.deepEqual(answer.toolCalls, [{ id: "a", name: "weather", arguments: "{}" }]);
  assert.deepEqual(deltas, ["{", "}"]);
  assert(answer.timeToFirstTokenMs !== null);
});
