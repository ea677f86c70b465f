import assert from "node:assert/strict";
import { adapterPath, FakeVllm, type FakeVllmOptions } from "./fake_vllm_server.ts";
import { ModelServerError, VllmServer } from "./vllm_server.ts";

async function withServer(
  options: FakeVllmOptions,
  run: (server: VllmServer, fake: FakeVllm) => Promise<void>,
): Promise<void> {
  await using fake = new FakeVllm(options);
  await run(clientOf(`${fake.url}/v1`), fake);
}

function clientOf(baseUrl: string): VllmServer {
  return new VllmServer({ provider: "local", baseUrl }, undefined, new AbortController().signal);
}

function failsWith(problem: string, message: RegExp) {
  return (error: unknown) =>
    error instanceof ModelServerError && error.problem === problem && message.test(error.message);
}

Deno.test("a server is put to sleep and woken, and says how deep it sleeps", () =>
  withServer({}, async (server, fake) => {
    assert.equal(await server.isAsleep(), false);
    assert.equal(await server.sleepLevel(), null);
    for (const level of [1, 2] as const) {
      await server.sleep(level);
      assert.equal(await server.isAsleep(), true);
      assert.equal(await server.sleepLevel(), level);
      await server.wake(level);
      assert.equal(await server.isAsleep(), false);
    }
    assert.deepEqual(fake.changes, [
      "POST /sleep?level=1&mode=wait",
      "POST /wake_up",
      "POST /sleep?level=2&mode=wait",
      "POST /wake_up?tags=weights",
      "POST /collective_rpc",
      "POST /reset_prefix_cache",
      "POST /wake_up?tags=kv_cache",
    ]);
  }));

Deno.test("an adapter is loaded, listed with the model that it belongs to, and unloaded", () =>
  withServer({}, async (server) => {
    await server.loadAdapter("poet", adapterPath);
    assert.deepEqual(await server.models(), [
      { name: "tiny", root: "/models/tiny", parent: null },
      { name: "poet", root: adapterPath, parent: "tiny" },
    ]);
    await assert.rejects(
      server.loadAdapter("other", "/nowhere"),
      failsWith("refused", /^local: it answers 404 .*No adapter found for \/nowhere$/),
    );
    await server.unloadAdapter("poet");
    await assert.rejects(
      server.unloadAdapter("poet"),
      failsWith("refused", /'poet' cannot be found/),
    );
  }));

Deno.test("what a server was started without is named", async () => {
  await withServer({ devMode: false, adapters: "none" }, async (server) => {
    const noSleep = failsWith("unsupported", /^local: .* without VLLM_SERVER_DEV_MODE=1/);
    await assert.rejects(server.isAsleep(), noSleep);
    await assert.rejects(server.sleep(1), noSleep);
    await assert.rejects(server.wake(2), noSleep);
    await assert.rejects(
      server.loadAdapter("poet", adapterPath),
      failsWith("unsupported", /without VLLM_ALLOW_RUNTIME_LORA_UPDATING=True/),
    );
  });
  await withServer({ adapters: "path-only" }, async (server) => {
    await assert.rejects(
      server.loadAdapter("poet", adapterPath),
      failsWith("unsupported", /without --enable-lora/),
    );
  });
});

Deno.test("a server that is not there is unreachable", async () => {
  await assert.rejects(
    clientOf("http://127.0.0.1:9/v1").isAsleep(),
    failsWith("unreachable", /^local: it does not answer: /),
  );
});

Deno.test("use is counted, whoever calls", () =>
  withServer({}, async (server) => {
    const before = await server.use();
    assert.equal(before.inFlight, 0);
    await server.complete("tiny", "Hello", 16, 1000);
    assert.notEqual((await server.use()).mark, before.mark);
  }));
