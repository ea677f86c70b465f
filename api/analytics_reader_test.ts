import assert from "node:assert/strict";
import { AnalyticsReader } from "./analytics_reader.ts";

/** Shorter than in life, so that nobody waits for it. */
const patienceMs = 100;

async function withReader(
  handler: (request: Request) => Response | Promise<Response>,
  run: (reader: AnalyticsReader) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const reader = new AnalyticsReader(`http://127.0.0.1:${server.addr.port}`, { patienceMs });
  try {
    await run(reader);
  } finally {
    await reader.close();
    await server.shutdown();
  }
}

const never = (request: Request) =>
  new Promise<Response>((resolve) =>
    request.signal.addEventListener("abort", () => resolve(new Response()))
  );

Deno.test("a ClickHouse that hangs is given up within seconds, and the next who asks need not wait", () =>
  withReader(never, async (reader) => {
    const startMs = Date.now();
    await assert.rejects(reader.views(), /ClickHouse does not answer/);
    const firstMs = Date.now() - startMs;
    assert.ok(firstMs < 8000, `${firstMs} ms`);
    await assert.rejects(reader.views(), /ClickHouse does not answer/);
    assert.ok(Date.now() - startMs - firstMs < 1000);
  }));

/** A server that answers a query once it was asked whether it is there. */
function withAnswerAfterPing(run: (reader: AnalyticsReader) => Promise<void>): Promise<void> {
  const asked = Promise.withResolvers<void>();
  return withReader(async (request) => {
    if (new URL(request.url).pathname === "/ping") {
      asked.resolve();
      return new Response("Ok.\n");
    }
    await asked.promise;
    return Response.json({ meta: [], data: [], rows: 0 });
  }, run);
}

Deno.test("a query that takes long is waited for where ClickHouse says that it is there", () =>
  withAnswerAfterPing(async (reader) => {
    assert.deepEqual(await reader.views(), []);
  }));
