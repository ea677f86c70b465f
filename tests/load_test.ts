/** What the measurements of `deno task bench` hold to be true, with few streams: every answer is exact, whoever passes it on. */
import assert from "node:assert/strict";
import { measureGateway } from "../scripts/bench/gateway.ts";
import { startTurnlog } from "../scripts/bench/gateway_systems.ts";
import { measureSoak, models as soakModels } from "../scripts/bench/soak.ts";
import { measureStreams } from "../scripts/bench/streams.ts";
import { withTemporaryStack } from "../scripts/load/temporary_stack.ts";

Deno.test("many streams at once are exact, and each of their tokens is counted", async () => {
  const result = await measureStreams({
    streams: 60,
    tokensPerSecond: 20,
    startsPerSecond: 20,
    steadySeconds: 4,
    readerProcesses: 2,
  });
  assert.deepEqual(result.problems, []);
  assert.equal(result.exactAnswers, 60);
  assert(result.lagsMs.length > 0 && result.lagsMs.every((ms) => ms > -1));
});

Deno.test("chat completions are exact, streaming and not, one at a time and many at once", async () => {
  const { problems, figures } = await measureGateway({
    rounds: 1,
    streaming: { 1: 2, 16: 32 },
    whole: { 16: 32 },
    systems: [startTurnlog],
  });
  assert.deepEqual(problems, []);
  assert(
    figures.some(({ what }) => what.startsWith("Turnlog, streaming, 16 at once (32 requests)")),
  );
});

Deno.test("a soak answers every turn exactly, and follows the memory of each process", async () => {
  const load = { turns: 120, users: 8, warmUpTurns: 40, sampleTurns: 20 };
  const { names, figures } = await withTemporaryStack({ models: soakModels }, async (stack) => ({
    names: stack.processes().map(({ name }) => name),
    figures: await measureSoak(stack, load),
  }));
  const [all, ...growths] = figures;
  assert(all.what.startsWith("120 turns"));
  assert(names.length > 0);
  assert.deepEqual(growths.map(({ what }) => what.split(": ")[0]).sort(), names.sort());
  for (const { what, value } of growths) {
    assert.match(what, /\(5 samples, [1-9]\d* MB after 40 turns, [1-9]\d* at the end\)$/);
    assert(Number.isFinite(value), `${what}: ${value}`);
  }
});
