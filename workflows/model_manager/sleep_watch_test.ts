import assert from "node:assert/strict";
import type { Candidate } from "../../events/contract/turn_plan.ts";
import { callTo } from "../providers/fixture_server.ts";
import { openai } from "../providers/openai.ts";
import type { ProviderCall, ProviderError } from "../providers/provider.ts";
import { FakeVllm, type FakeVllmOptions } from "./fake_vllm_server.ts";
import { asleepServer, guardAgainstSleep } from "./sleep_watch.ts";
import { VllmServer } from "./vllm_server.ts";

const noKey = () => undefined;

async function withCall(
  options: FakeVllmOptions,
  run: (call: ProviderCall, fake: FakeVllm, server: VllmServer) => Promise<void>,
): Promise<void> {
  await using fake = new FakeVllm(options);
  const baseUrl = `${fake.url}/v1`;
  const call = callTo("openai", baseUrl);
  const candidate: Candidate = { ...call.candidate, vllm: true, requestModel: "tiny" };
  const server = new VllmServer({ provider: "p", baseUrl }, undefined, call.signal);
  await run({ ...call, candidate }, fake, server);
}

Deno.test("a call finds out that its server sleeps", () =>
  withCall({}, async ({ candidate }, _fake, server) => {
    assert.equal(await asleepServer(candidate, noKey), null);
    await server.sleep(1);
    // What was found a moment ago is believed for a moment.
    const deadlineMs = Date.now() + 2000;
    while (await asleepServer(candidate, noKey) === null) {
      assert(Date.now() < deadlineMs, "it is found out");
    }
    await server.wake(1);
    assert.equal(await asleepServer(candidate, noKey), null, "sleep is never believed");
  }));

Deno.test("a server that cannot sleep, is not there, or is not vLLM does not sleep", async () => {
  await withCall({ devMode: false }, async ({ candidate }) => {
    assert.equal(await asleepServer(candidate, noKey), null);
    assert.equal(await asleepServer({ ...candidate, vllm: false }, noKey), null);
    const gone = { ...candidate, baseUrl: "http://127.0.0.1:9/v1" };
    assert.equal(await asleepServer(gone, noKey), null);
  });
});

Deno.test("a call that hangs as its server has fallen asleep fails, and is taken back", () =>
  withCall({}, async (call, fake, server) => {
    await server.sleep(1);
    const provider = guardAgainstSleep(openai, call.candidate, noKey);
    await assert.rejects(
      Array.fromAsync(provider.stream(call)),
      ({ failure }: ProviderError) => failure.class === "asleep",
    );
    await server.wake(1);
    assert.equal(fake.isAsleep, false);
    const chunks = await Array.fromAsync(provider.stream(call));
    assert.equal(chunks.at(-1)?.type, "finish", "an awake one answers as ever");
  }));
