/** What operators do in a browser with the servers of models, and in the Temporal UI: in real ones, on real engines. */
import assert from "node:assert/strict";
import type { Browser, BrowserContext } from "playwright-core";
import { turnWorkflowId } from "../events/contract/names.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { TurnClient } from "../scripts/load/turn_client.ts";
import { freePorts } from "../scripts/ports.ts";
import { launchBrowser, withBrowser } from "./support/browser.ts";

const token = "an operator's token";
const payloadKey = crypto.getRandomValues(new Uint8Array(32)).toBase64();

let temporary: TemporaryStack;
let client: TurnClient;
let browser: Browser;

/** A server that a start runs: its model writes for a minute. */
const serveScript = `
const chunk = (text) => "data: " + JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1,
  model: "tiny", choices: [{ index: 0, delta: { content: text }, finish_reason: null }] }) + "\\n\\n";
Deno.serve({ hostname: "127.0.0.1", port: PORT, onListen() {} }, (request) => {
  if (request.method === "GET") return Response.json({ data: [{ id: "tiny", owned_by: "someone" }] });
  let timer;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode(chunk("word "))), 100);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});
`;

Deno.test.beforeAll(async () => {
  if (withBrowser.ignore) return;
  const [port] = freePorts(1);
  const command = [Deno.execPath(), "eval", serveScript.replace("PORT", String(port))];
  const served = {
    kind: "openai",
    baseUrl: `http://127.0.0.1:${port}`,
    serve: { command },
  };
  temporary = await startTemporaryStack({
    // JSON is YAML.
    models: JSON.stringify({
      providers: { served, simulated: { kind: "simulated" } },
      models: { tiny: { provider: "served" }, demo: { provider: "simulated" } },
      routes: { default: { candidates: ["tiny", "demo"], retry: { attempts: 1 } } },
    }),
    variables: {
      TURNLOG_OPERATOR_TOKEN: token,
      TURNLOG_PAYLOAD_KEYS: `2026-11:${payloadKey}`,
    },
  });
  client = await TurnClient.connect(temporary.stack.url);
  browser = await launchBrowser();
});

Deno.test.afterAll(async () => {
  if (withBrowser.ignore) return;
  await browser.close();
  await temporary.stop();
});

async function signIn(context: BrowserContext) {
  const page = await context.newPage();
  await page.goto(`${temporary.stack.url}/operations`);
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Servers of models" }).waitFor();
  return page;
}

Deno.test(
  "an operator stops a model's server in the middle of an answer, which another goes on with, and starts it again",
  withBrowser,
  async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await signIn(context);
    const server = page.getByRole("list", { name: "Servers of models" }).getByRole("listitem");
    await server.getByText("awake").waitFor();
    const { turnId } = await client.ask({ text: "Go on and on" });
    for await (const { part } of client.parts(turnId)) {
      if (part.type === "text-delta") break;
    }
    await server.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Stop it" }).click();
    await server.getByText("stopped", { exact: true }).waitFor();
    const turn = await client.untilEnded(turnId);
    assert.equal(turn.status, "completed");
    assert.deepEqual(turn.attempts.map(({ model, error }) => [model, error?.class]), [
      ["tiny", "cut-off"],
      ["demo", undefined],
    ]);
    await server.getByRole("button", { name: "Start" }).click();
    await server.getByText("awake").waitFor();
    await context.close();
  },
);

Deno.test(
  "the Temporal UI shows what was written to who has signed in as an operator, and to nobody else",
  withBrowser,
  async () => {
    const { url, addresses: { temporalUi } } = temporary.stack;
    const { turnId } = await client.ask({ text: "A quince secret", model: "demo" });
    await client.untilEnded(turnId);
    const run = `${temporalUi}/namespaces/default/workflows/${
      encodeURIComponent(turnWorkflowId(turnId))
    }`;
    for (const isOperator of [false, true]) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      if (isOperator) await signIn(context);
      // What its form for the codec server keeps.
      await context.addInitScript(`
        localStorage.setItem("overrideRemoteCodecConfiguration", "true");
        localStorage.setItem("includeCredentials", "true");
        localStorage.setItem("endpoint", ${JSON.stringify(JSON.stringify(`${url}/api/codec`))});
      `);
      const page = await context.newPage();
      const decoded = page.waitForResponse((response) =>
        response.url().endsWith("/api/codec/decode") && response.request().method() === "POST"
      );
      await page.goto(run);
      assert.equal((await decoded).status(), isOperator ? 200 : 403);
      if (isOperator) await page.getByText("A quince secret").first().waitFor();
      else await page.getByText("encryption-key-id").first().waitFor();
      assert.equal((await page.content()).includes("A quince secret"), isOperator);
      await context.close();
    }
  },
);
