import { Hono } from "hono";
import assert from "node:assert/strict";
import { type OperatorOptions, requireOperator } from "./operator.ts";
import { answerError } from "./problem.ts";

async function statusFor(options: OperatorOptions, authorization?: string): Promise<number> {
  const app = new Hono().use(requireOperator(options)).get("/", (context) => context.text("in"));
  app.onError(answerError);
  const headers = authorization === undefined ? undefined : { authorization };
  return (await app.request("/", { headers })).status;
}

const token = "a token of 16 and more";

Deno.test("without a token, everyone on this machine operates, and nobody from elsewhere", async () => {
  assert.equal(await statusFor({ host: "127.0.0.1", operatorToken: undefined }), 200);
  assert.equal(await statusFor({ host: "0.0.0.0", operatorToken: undefined }), 403);
});

Deno.test("with a token, only those operate who send it", async () => {
  const options = { host: "0.0.0.0", operatorToken: token };
  assert.equal(await statusFor(options, `Bearer ${token}`), 200);
  assert.equal(await statusFor(options, `Bearer ${token}x`), 403);
  assert.equal(await statusFor(options, token), 403);
  assert.equal(await statusFor(options), 403);
  assert.equal(await statusFor({ ...options, host: "127.0.0.1" }), 403);
});
