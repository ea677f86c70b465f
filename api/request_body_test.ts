import assert from "node:assert/strict";
import { Hono } from "hono";
import { answerError } from "./problem.ts";
import { readBody } from "./request_body.ts";

function serve(msMax?: number): Hono {
  const app = new Hono();
  app.onError(answerError);
  app.use(readBody(msMax));
  app.post("/", async (context) => context.text(await context.req.text()));
  return app;
}

const json = { "content-type": "application/json" };

async function statusOf(request: RequestInit, msMax?: number): Promise<[number, string]> {
  const response = await serve(msMax).request("/", { method: "POST", headers: json, ...request });
  return [response.status, await response.text()];
}

Deno.test("a body reaches its route as it was sent", async () => {
  assert.deepEqual(await statusOf({ body: '{"a":"ü"}' }), [200, '{"a":"ü"}']);
});

Deno.test("no body is no error, whatever its content type says", async () => {
  assert.deepEqual(await statusOf({}), [200, ""]);
  // Deno's server gives such a request a body that holds nothing.
  const body = new Blob().stream();
  assert.deepEqual(await statusOf({ body, headers: {} }), [200, ""]);
});

Deno.test("what is no JSON is told where it goes wrong", async () => {
  const [status, text] = await statusOf({ body: "{bad" });
  assert.equal(status, 400);
  assert.match(text, /invalid-json.*position 1/);
  assert.equal((await statusOf({ body: new Uint8Array([0x22, 0xff, 0x22]) }))[0], 400);
});

Deno.test("a form of another site is refused", async () => {
  const [status, text] = await statusOf({ body: "{}", headers: { "content-type": "text/plain" } });
  assert.equal(status, 415);
  assert.match(text, /application\/json; it was text\/plain/);
});

Deno.test("a body that is too large is refused, whether it says so or not", async () => {
  const large = JSON.stringify("x".repeat(3_000_000));
  assert.equal((await statusOf({ body: large }))[0], 413);
  assert.equal((await statusOf({ body: new Blob([large]).stream() }))[0], 413);
});

Deno.test("a body that never ends is refused in time", async () => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"text":"')),
  });
  const [status, text] = await statusOf({ body }, 30);
  assert.equal(status, 408);
  assert.match(text, /not complete within 0.03 s/);
});
