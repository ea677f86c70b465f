import assert from "node:assert/strict";
import { connectionPool, idleMax } from "./connection_pool.ts";
import { callTo } from "./fixture_server.ts";
import { openai } from "./openai.ts";

/** A server that answers one request after the other on each connection, and counts its connections. */
function countingServer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const counts = { made: 0, open: () => connections.size };
  const serve = async (connection: Deno.TcpConn) => {
    counts.made++;
    connections.add(connection);
    const body =
      `data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
    const answer =
      `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const request = new Uint8Array(65_536);
    try {
      while (await connection.read(request) !== null) {
        await everyoneIsHere.promise;
        await connection.write(new TextEncoder().encode(answer));
      }
    } catch {
      // The client, or the end of the test, has closed it.
    }
    connections.delete(connection);
  };
  const everyoneIsHere = Promise.withResolvers<void>();
  const serving = (async () => {
    const all: Promise<void>[] = [];
    for await (const connection of listener) all.push(serve(connection));
    await Promise.all(all);
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    counts,
    /** Until then no request is answered, so that each needs a connection of its own. */
    answer: () => everyoneIsHere.resolve(),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) connection.close();
      await serving;
    },
  };
}

async function untilOpen(counts: { open(): number }, expected: number): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (counts.open() !== expected && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(counts.open(), expected);
}

Deno.test("calls one after the other use one connection", async () => {
  await using server = countingServer();
  server.answer();
  for (let call = 0; call < 5; call++) {
    await Array.fromAsync(openai.stream(callTo("openai", `${server.url}/v1`)));
  }
  assert.equal(server.counts.made, 1);
});

Deno.test("after many calls at once no more connections are kept than the limit says", async () => {
  await using server = countingServer();
  const pool = connectionPool({ baseUrl: server.url });
  const calls = Array.from({ length: idleMax + 10 }, async () => {
    const response = await fetch(server.url, pool);
    await response.text();
  });
  await untilOpen(server.counts, idleMax + 10);
  server.answer();
  await Promise.all(calls);
  await untilOpen(server.counts, idleMax);
  pool.client.close();
});
