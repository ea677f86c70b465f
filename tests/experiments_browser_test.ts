/** The page of experiments in a real browser, on real engines: the list, who may change one, and how it ends. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { TurnClient } from "../scripts/load/turn_client.ts";
import { until } from "../scripts/load/until.ts";
import { launchBrowser, withBrowser } from "./support/browser.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

const token = "an operator's token";
const peopleCount = 12;

let test: TestStack;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

Deno.test.beforeAll(async () => {
  if (withBrowser.ignore) return;
  test = await startTestStack({ TURNLOG_OPERATOR_TOKEN: token });
  const { TURNLOG_CONFIG } = test.stack.settings;
  await Deno.writeTextFile(TURNLOG_CONFIG, await Deno.readTextFile(TURNLOG_CONFIG) + experiments);
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", ({ message }) => complaints.push(message));
});

Deno.test.afterAll(async () => {
  if (withBrowser.ignore) return;
  await browser.close();
  await test.stop();
});

const experiments = `
experiments:
  tone:
    goal: thumbs_up_rate
    guardrails: [cost_per_turn]
    variants:
      control: { weight: 50 }
      brief: { weight: 50, overrides: { systemPrompt: "Answer in two sentences." } }
`;

const article = () => page.getByRole("article", { name: "Experiment tone" });

Deno.test("a draft is listed, and told with what it compares", withBrowser, async () => {
  await page.goto(`${test.stack.url}/analytics/experiments`);
  // The changed file is taken up within a second; the list is fetched again within ten.
  await page.getByRole("link", { name: /tone.*Draft/ }).click();
  const variants = article().getByRole("region", { name: "Table: variants" });
  await variants.getByText("another system prompt, which operators can read").waitFor();
  await article().getByText("Goal: Thumbs up. Guardrails: Cost per turn.").waitFor();
  assert.match(page.url(), /\/analytics\/experiments\/tone$/);
});

Deno.test(
  "only who signs in as an operator reads its prompts and starts it",
  withBrowser,
  async () => {
    assert.equal(await page.getByRole("button", { name: "Start" }).count(), 0);
    await page.getByRole("button", { name: "Sign in to change it" }).click();
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in", exact: true }).last().click();
    const variants = article().getByRole("region", { name: "Table: variants" });
    await variants.getByText("system prompt: Answer in two sentences.").waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await article().getByText("Running").waitFor();
    await article().getByText(/Started, phase 1/).waitFor();
    await article().getByText(/by an operator, sign-in/).waitFor();
  },
);

Deno.test("its results say what is known of those who were exposed", withBrowser, async () => {
  await Promise.all(Array.from({ length: peopleCount }, async () => {
    const client = await TurnClient.connect(test.stack.url);
    const { turnId } = await client.ask({ text: "Hello", model: "default" });
    await client.untilEnded(turnId);
  }));
  const counted = await untilCounted();
  await page.reload();
  const variants = article().getByRole("region", { name: "Table: variants" });
  for (const { variant, units } of counted) {
    await variants.getByRole("row", { name: new RegExp(`^${variant}.* ${units} ${units} `) })
      .waitFor();
  }
  await article().getByRole("status").filter({ hasText: "too early" }).waitFor();
  const checks = article().getByRole("list", { name: "Health checks" });
  await checks.getByText("The users are split as the weights say").waitFor();
});

Deno.test(
  "other weights begin a phase, and the one before can still be looked at",
  withBrowser,
  async () => {
    const { TURNLOG_CONFIG } = test.stack.settings;
    const before = await Deno.readTextFile(TURNLOG_CONFIG);
    await Deno.writeTextFile(
      TURNLOG_CONFIG,
      before.replace("brief: { weight: 50", "brief: { weight: 150"),
    );
    await until("the second phase begins", 20_000, async () => {
      const response = await test.client.request("GET", "/api/experiments/tone");
      return (await response.json()).phase === 2;
    });
    await page.reload();
    const variants = article().getByRole("region", { name: "Table: variants" });
    await variants.getByRole("row", { name: /^brief 75% 0 0 / }).waitFor();
    await article().getByRole("combobox", { name: "Phase" }).selectOption("1");
    await variants.getByRole("row", { name: /^brief 50% [1-9]/ }).waitFor();
    await article().getByText(/^ended /).waitFor();
    const checks = article().getByRole("list", { name: "Health checks" });
    await checks.getByText("The users are split as the weights say").waitFor();
    await article().getByRole("combobox", { name: "Phase" }).selectOption("2");
    await variants.getByRole("row", { name: /^brief 75% / }).waitFor();
  },
);

Deno.test(
  "it fits a phone, and ends with a winner by the keyboard alone",
  withBrowser,
  async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(overflow, 0);
    await page.getByRole("button", { name: "End …" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("radio", { name: "brief" }).focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await article().getByText("Ended: brief won").waitFor();
    await article().getByText(/brief has won: it answers everybody/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Start" }).count(), 0);
    assert.deepEqual(complaints, []);
  },
);

interface Counted {
  variant: string;
  units: number;
}

/** Waits until ClickHouse has the exposures of everyone. */
function untilCounted(): Promise<Counted[]> {
  return until("everyone's exposure is counted", 20_000, async () => {
    const response = await test.client.request("GET", "/api/experiments/tone");
    const { exposures }: { exposures: Counted[] } = await response.json();
    const all = exposures.reduce((sum, { units }) => sum + units, 0);
    return all === peopleCount ? exposures : null;
  });
}
