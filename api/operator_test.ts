import { Hono } from "hono";
import assert from "node:assert/strict";
import { type OperatorOptions, requireOperator } from "./operator.ts";
import { beginOperatorSession } from "./operator_session.ts";
import { answerError } from "./problem.ts";
import type { ApiEnvironment } from "./router.ts";

const secret = "a secret of at least thirty-two characters";
const token = "a token of 16 and more";
const open = { host: "127.0.0.1", secret, operatorToken: undefined };
const guarded = { host: "0.0.0.0", secret, operatorToken: token };

async function statusFor(
  options: OperatorOptions,
  headers: Record<string, string> = {},
): Promise<number> {
  const app = new Hono<ApiEnvironment>().use(requireOperator(options))
    .get("/", (context) => context.text("in"));
  app.onError(answerError);
  return (await app.request("/", { headers: { host: "127.0.0.1:8000", ...headers } })).status;
}

async function signIn(operatorToken: string): Promise<{ cookie: string; attributes: string }> {
  const app = new Hono().get("/", async (context) => {
    await beginOperatorSession(context, { secret, operatorToken });
    return context.body(null, 204);
  });
  const header = (await app.request("/")).headers.get("set-cookie")!;
  const [cookie, ...attributes] = header.split("; ");
  return { cookie, attributes: attributes.sort().join("; ") };
}

Deno.test("without a token, everyone on this machine operates, and nobody from elsewhere", async () => {
  assert.equal(await statusFor(open), 200);
  assert.equal(await statusFor({ ...open, host: "0.0.0.0" }), 403);
});

Deno.test("with a token, only those operate who send it", async () => {
  assert.equal(await statusFor(guarded, { authorization: `Bearer ${token}` }), 200);
  assert.equal(await statusFor(guarded, { authorization: `Bearer ${token}x` }), 403);
  assert.equal(await statusFor(guarded, { authorization: token }), 403);
  assert.equal(await statusFor(guarded), 403);
  assert.equal(await statusFor({ ...guarded, host: "127.0.0.1" }), 403);
});

Deno.test("who has signed in operates by a cookie that no script reads and no other site sends", async () => {
  const { cookie, attributes } = await signIn(token);
  assert.equal(attributes, "HttpOnly; Max-Age=43200; Path=/api; SameSite=Strict");
  assert.equal(await statusFor(guarded, { cookie }), 200);
  assert.equal(
    await statusFor(guarded, {
      cookie: cookie.replace(/=(.)/, (_, first) => first === "0" ? "=1" : "=0"),
    }),
    403,
  );
});

Deno.test("another token ends every session", async () => {
  const { cookie } = await signIn("the token of yesterday");
  assert.equal(await statusFor(guarded, { cookie }), 403);
});

Deno.test("a page of another site cannot operate in someone's name, unless it is trusted", async () => {
  const { cookie } = await signIn(token);
  const origin = "http://127.0.0.1:8233";
  assert.equal(await statusFor(open, { origin: "http://127.0.0.1:8000" }), 200);
  assert.equal(await statusFor(open, { origin }), 403);
  assert.equal(await statusFor(open, { origin: "null" }), 403);
  assert.equal(await statusFor(guarded, { cookie, origin }), 403);
  assert.equal(await statusFor({ ...guarded, trustedOrigins: [origin] }, { cookie, origin }), 200);
  assert.equal(await statusFor(guarded, { authorization: `Bearer ${token}`, origin }), 200);
});
