import { Hono } from "hono";
import assert from "node:assert/strict";
import { guardCodec } from "./codec_guard.ts";
import { answerError } from "./problem.ts";
import type { ApiEnvironment } from "./router.ts";

const secret = "a secret of at least thirty-two characters";

function ask(temporalUiUrl: string | undefined, origin: string, init: RequestInit = {}) {
  const options = { host: "127.0.0.1", secret, operatorToken: undefined, temporalUiUrl };
  const app = new Hono<ApiEnvironment>().use(...guardCodec(options))
    .post("/", (context) => context.text("decoded"));
  app.onError(answerError);
  const headers = { host: "127.0.0.1:8000", origin, ...init.headers as Record<string, string> };
  return app.request("/", { method: "POST", ...init, headers });
}

Deno.test("pages of the Temporal UI may have payloads decoded, by either name of this machine", async () => {
  for (const origin of ["http://127.0.0.1:8233", "http://localhost:8233"]) {
    const response = await ask("http://127.0.0.1:8233/", origin);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), origin);
    assert.equal(response.headers.get("access-control-allow-credentials"), "true");
  }
});

Deno.test("a browser that asks first is told what it may send", async () => {
  const response = await ask("https://temporal.example/ui", "https://temporal.example", {
    method: "OPTIONS",
    headers: { "access-control-request-method": "POST" },
  });
  assert.equal(response.status, 204);
  assert.match(response.headers.get("access-control-allow-headers")!, /X-Namespace/i);
});

Deno.test("no other page may, and none where the UI's address is unknown", async () => {
  for (const uiUrl of ["http://127.0.0.1:8233", undefined]) {
    const response = await ask(uiUrl, "http://127.0.0.1:9999");
    assert.equal(response.status, 403);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }
});
