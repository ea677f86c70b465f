/** The operators' page in a real browser, on real engines: the sign-in, a retry, a retry of all, and a stop. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { until } from "../scripts/load/until.ts";
import { launchBrowser, withBrowser } from "./support/browser.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

const token = "an operator's token";

let test: TestStack;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

Deno.test.beforeAll(async () => {
  if (withBrowser.ignore) return;
  test = await startTestStack({ TURNLOG_OPERATOR_TOKEN: token });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", ({ message }) => complaints.push(message));
});

Deno.test.afterAll(async () => {
  if (withBrowser.ignore) return;
  await browser.close();
  await test.stop();
});

const told = "mock does not accept its key, or the key may not do this (status 401)";
const refusal = { error: { status: 401, body: { error: { message: "No such key" } } } };
const down = { error: { status: 503, body: { error: { message: "Down" } } } };

async function failedTurn(): Promise<string> {
  const { turnId } = await test.client.ask({ text: "Fail", model: "once" });
  assert.equal((await test.client.untilEnded(turnId)).status, "failed");
  return turnId;
}

const rows = () => page.getByRole("list", { name: "Turns" }).getByRole("listitem");
const rowOf = (turnId: string) => rows().filter({ hasText: turnId });

function untilCompleted(turnId: string): Promise<boolean> {
  return until(
    `turn ${turnId} is answered`,
    20_000,
    async () => (await test.client.turn(turnId)).status === "completed",
  );
}

Deno.test(
  "only who knows the token sees the turns, and is told what is wrong",
  withBrowser,
  async () => {
    await page.goto(`${test.stack.url}/operations`);
    const field = page.getByLabel("Token");
    await field.fill("a guess of someone's");
    await page.keyboard.press("Enter");
    await page.getByText("This is not the token").waitFor();
    assert.equal(await rows().count(), 0);
    await field.fill(token);
    await page.keyboard.press("Enter");
    await page.getByText("No turn has failed without an answer.").waitFor();
  },
);

Deno.test(
  "a failed turn comes up by itself, and a retry by keyboard answers it",
  withBrowser,
  async () => {
    test.provider.behave(refusal);
    const first = await failedTurn();
    const second = await failedTurn();
    const row = rowOf(first);
    await row.getByText(told).waitFor();
    assert.equal(
      await row.getByRole("link", { name: "Open its run in the Temporal UI" }).getAttribute("href"),
      `${test.stack.addresses.temporalUi}/namespaces/default/workflows/turn%2F${first}`,
    );
    const toggle = (turnId: string) =>
      rowOf(turnId).getByRole("button", { name: /^Key not accepted/ });
    await toggle(second).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await row.getByRole("cell", { name: `Key not accepted: ${told}` }).waitFor();
    test.provider.behave({ tokens: 5 });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await row.waitFor({ state: "detached" });
    await untilCompleted(first);
    assert.equal((await test.client.turn(second)).status, "failed");
  },
);

Deno.test(
  "all of one reason are retried after a question that says how many they are",
  withBrowser,
  async () => {
    test.provider.behave(refusal);
    await failedTurn();
    const { turnId: refused } = await test.client.ask({ text: "No", model: "refused" });
    await test.client.untilEnded(refused);
    await rowOf(refused).waitFor();
    test.provider.behave({ tokens: 5 });
    await page.getByRole("button", { name: "Reason: any" }).click();
    await page.getByRole("menuitemradio", { name: "Key not accepted: 2" }).click();
    assert.match(page.url(), /errorClass=bad-credentials/);
    await page.getByRole("button", { name: "Retry all 2" }).click();
    await page.getByRole("dialog").getByText("Retry 2 failed turns?").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Retry 2" }).click();
    await page.getByText("2 turns retried.").waitFor({ timeout: 20_000 });
    await page.getByText("No turn is like this.").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await rowOf(refused).waitFor();
    assert.equal(await rows().count(), 1);
  },
);

Deno.test(
  "a waiting turn says when it is tried again, and can be stopped on a phone",
  withBrowser,
  async () => {
    test.provider.behave(down);
    const { turnId } = await test.client.ask({ text: "Wait", model: "waits" });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: "Waiting: 1" }).click();
    const row = rowOf(turnId);
    await row.getByText(/Next try (in \d+ s|now)/).waitFor();
    const { scrollWidth } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
    }));
    assert.equal(scrollWidth, 390, "nothing sticks out");
    await row.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Stop it" }).click();
    await row.waitFor({ state: "detached" });
    assert.equal((await test.client.untilEnded(turnId)).status, "stopped");
  },
);

Deno.test(
  "who signs out sees nothing more, and the page complains of nothing",
  withBrowser,
  async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    assert.deepEqual(complaints, []);
  },
);
