import assert from "node:assert/strict";
import { AnalyticsReader } from "./analytics_reader.ts";
import { ProblemError, type ProblemKind } from "./problem.ts";

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

/** A server with one view, and what it answers to whoever reads that. */
function withView(answer: () => Response, run: (reader: AnalyticsReader) => Promise<void>) {
  const comment = JSON.stringify({ title: "Turns", section: "overview", order: 1 });
  const views = [{ name: "all_turns", comment, parameters: [] }];
  return withReader(async (request) => {
    const isOfViews = (await request.text()).includes("system.tables");
    return isOfViews ? Response.json({ meta: [], data: views }) : answer();
  }, run);
}

Deno.test("what ClickHouse finds wrong with a query is told as such, and not as its absence", async () => {
  const kinds: [number, string, ProblemKind][] = [
    [241, "Query memory limit exceeded", "query-too-costly"],
    [159, "Timeout exceeded", "query-too-costly"],
    [202, "Too many simultaneous queries", "query-busy"],
    [60, "Unknown table expression identifier", "query-wrong"],
  ];
  for (const [code, message, kind] of kinds) {
    const refuse = () =>
      new Response(`Code: ${code}. DB::Exception: ${message}. (NAME) (version 26.7.2.1)`, {
        status: 500,
        headers: { "x-clickhouse-exception-code": `${code}` },
      });
    await withView(refuse, (reader) =>
      assert.rejects(reader.rows("all_turns", {}), (error) => {
        assert.ok(error instanceof ProblemError);
        assert.equal(error.kind, kind);
        assert.ok(error.message.includes(message), error.message);
        return true;
      }));
  }
});

Deno.test("an answer with more rows than it may have is cut, and says so", async () => {
  const answerOf = (length: number) => () =>
    Response.json({ meta: [], data: Array.from({ length }, (_, turn) => ({ turn })) });
  await withView(answerOf(20_001), async (reader) => {
    const { rows, isTruncated } = await reader.rows("all_turns", {});
    assert.deepEqual([rows.length, isTruncated], [20_000, true]);
  });
  await withView(answerOf(20_000), async (reader) => {
    const { rows, isTruncated } = await reader.rows("all_turns", {});
    assert.deepEqual([rows.length, isTruncated], [20_000, false]);
  });
});
