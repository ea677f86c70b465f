/** The analytics in a real browser, on real engines: what they show is what happened, counted by hand. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import type { TurnView } from "../events/contract/api.ts";
import { connectKafka } from "../events/kafka/kafkajs_log.ts";
import { until } from "../scripts/load/until.ts";
import { launchBrowser, withBrowser } from "./support/browser.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

let test: TestStack;
let browser: Browser;
let page: Page;
/** What has happened, as the api tells it of each turn. */
const turns: TurnView[] = [];
const complaints: string[] = [];

Deno.test.beforeAll(async () => {
  if (withBrowser.ignore) return;
  test = await startTestStack();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", ({ message }) => complaints.push(message));
  for (const model of ["demo", "demo", "falls-back", "limited-once", "refused", "cut-twice"]) {
    const { turnId } = await test.client.ask({ text: `By ${model}`, model });
    turns.push(await test.client.untilEnded(turnId));
  }
  await until("every end is in ClickHouse", 20_000, async () => {
    const [{ ends }] = await test.query<{ ends: string }>(
      "SELECT count() AS ends FROM events FINAL WHERE event_type IN ('turn.completed', 'turn.failed')",
    );
    return Number(ends) === turns.length;
  });
});

Deno.test.afterAll(async () => {
  if (withBrowser.ignore) return;
  await browser.close();
  await test.stop();
});

const card = (title: string) => page.getByRole("region", { name: title, exact: true });

function open(section: string, search = "range=24h"): Promise<unknown> {
  return page.goto(`${test.stack.url}/analytics/${section}?${search}`);
}

/** @returns The rows of a view's table, each as its cells by the titles of the columns. */
async function tableOf(title: string): Promise<Record<string, string>[]> {
  const toggle = card(title).getByRole("button", { name: "Table", exact: true });
  const table = card(title).getByRole("region", { name: `Table: ${title}` });
  await table.or(toggle).first().waitFor();
  if (await table.count() === 0) await toggle.click();
  await table.getByRole("row").nth(1).waitFor();
  const [head, ...rows] = await table.getByRole("row").evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent!.trim()))
  );
  return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [head[index], cell])));
}

/** Adds up a column, over the rows of each value of another one. */
function sums(rows: Record<string, string>[], column: string, by?: string): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const row of rows) {
    const key = by === undefined ? "all" : row[by];
    totals[key] = (totals[key] ?? 0) + Number(row[column].replace(/[^\d.]/g, ""));
  }
  return totals;
}

const attempts = () => turns.flatMap((turn) => turn.attempts);

/** Counts by hand. */
function countBy<Item>(items: Item[], of: (item: Item) => string, add: (item: Item) => number) {
  const totals: Record<string, number> = {};
  for (const item of items) totals[of(item)] = (totals[of(item)] ?? 0) + add(item);
  return totals;
}

Deno.test(
  "each section has an address, and Back leads to the one before",
  withBrowser,
  async () => {
    await open("overview", "range=7d");
    const sections = page.getByRole("navigation", { name: "Sections" });
    await sections.getByRole("link", { name: "Reliability" }).click();
    await card("Why attempts failed").waitFor();
    assert.equal(new URL(page.url()).pathname, "/analytics/reliability");
    assert.equal(new URL(page.url()).search, "?range=7d", "the filter goes along");
    assert.equal(
      await sections.getByRole("link", { name: "Reliability" }).getAttribute("aria-current"),
      "page",
    );
    await page.goBack();
    await card("How turns ended").waitFor();
    assert.equal(new URL(page.url()).pathname, "/analytics/overview");
  },
);

Deno.test("the turns that are shown are those that were sent", withBrowser, async () => {
  await open("overview");
  assert.deepEqual(sums(await tableOf("Turns over time"), "Turns"), { all: turns.length });
  const ended = await tableOf("How turns ended");
  const hand = countBy(turns, ({ status }) => status, () => 1);
  assert.ok(hand.completed > 1 && hand.failed > 0);
  assert.deepEqual(sums(ended, "Completed"), { all: hand.completed });
  assert.deepEqual(sums(ended, "Failed"), { all: hand.failed });
  assert.deepEqual(sums(ended, "Stopped"), { all: 0 });
});

Deno.test(
  "every turn is listed with what its attempts came to, and leads to itself",
  withBrowser,
  async () => {
    await open("overview/turns");
    const rows = await tableOf("Turns");
    assert.deepEqual(
      rows.map((row) => [row.Outcome, row.Attempts, row["Input tokens"], row["Output tokens"]]),
      turns.toReversed().map(({ status, attempts, usage }) => [
        status,
        `${attempts.length}`,
        `${usage.inputTokens}`,
        `${usage.outputTokens}`,
      ]),
    );
    const last = turns.at(-1)!;
    assert.equal(
      await card("Turns").getByRole("link").filter({ has: page.getByTitle(last.id) })
        .getAttribute("href"),
      `/c/${last.conversationId}?turn=${last.id}`,
    );
  },
);

Deno.test(
  "failures are counted by their class, tokens and cost by model",
  withBrowser,
  async () => {
    await open("reliability");
    const failed = attempts().filter(({ error }) => error !== null);
    assert.deepEqual(
      sums(await tableOf("Why attempts failed"), "Failed attempts", "Error class"),
      countBy(failed, ({ error }) => error!.class, () => 1),
    );
    await open("cost");
    const tokens = await tableOf("Tokens by model and day");
    const by = ({ model }: { model: string }) => model;
    assert.deepEqual(
      sums(tokens, "Output", "Model"),
      countBy(attempts(), by, ({ usage }) => usage.outputTokens),
    );
    assert.deepEqual(
      sums(tokens, "Input", "Model"),
      countBy(attempts(), by, ({ usage }) => usage.inputTokens),
    );
  },
);

Deno.test("a chart that is narrowed to a model counts that model alone", withBrowser, async () => {
  await open("cost");
  await page.getByRole("button", { name: "Model: all" }).click();
  await page.getByRole("menuitemradio", { name: "demo", exact: true }).click();
  assert.match(page.url(), /model=demo/);
  const hand = attempts().filter(({ model }) => model === "demo");
  await until("other models are gone", 10_000, async () => {
    const tokens = sums(await tableOf("Tokens by model and day"), "Output", "Model");
    return Object.keys(tokens).join() === "demo" &&
      tokens.demo === hand.reduce((total, { usage }) => total + usage.outputTokens, 0);
  });
});

Deno.test("a number says what it counts, where it stands", withBrowser, async () => {
  await open("reliability");
  const { items } = await (await test.client.request("GET", "/api/analytics/views")).json();
  for (
    const view of items.filter(({ section }: { section: string }) => section === "reliability")
  ) {
    if (view.chart.type === "figures") continue;
    await card(view.title).getByRole("button", { name: "What this counts" }).click();
    await card(view.title).getByText(view.description).waitFor();
    await card(view.title).getByRole("button", { name: "Show its SQL" }).click();
    await card(view.title).getByText(/^SELECT[^]*FROM/).waitFor();
  }
});

Deno.test("a click on a point opens the turns behind it", withBrowser, async () => {
  await open("reliability", "range=1h");
  const plot = card("Why attempts failed").locator(".u-over");
  await plot.waitFor();
  const { x, y, width, height } = (await plot.boundingBox())!;
  const tooltip = card("Why attempts failed").locator(".chart-tooltip");
  // The turns are minutes old at most: from the right end leftwards, until there is something under the cursor.
  await until("a bar is under the cursor", 10_000, async () => {
    for (let left = width - 2; left > width / 2; left -= 2) {
      await page.mouse.move(x + left, y + height - 3);
      if (await tooltip.count() > 0 && /\t[1-9]/.test(await tooltip.innerText())) return true;
    }
    return false;
  });
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForURL(/\/analytics\/overview\/turns\?/);
  const failure = new URL(page.url()).searchParams.get("error_class")!;
  const hand = turns.filter(({ attempts }) =>
    attempts.some(({ error }) => error?.class === failure)
  );
  assert.ok(hand.length > 0, `some turn failed as ${failure}`);
  const rows = await tableOf("Turns");
  assert.ok(rows.length > 0 && rows.length <= hand.length);
  for (const row of rows) assert.match(row.Failures, new RegExp(failure));
  await page.goBack();
  await card("Why attempts failed").waitFor();
});

Deno.test(
  "what could not become an event is shown with its reason and what helps",
  withBrowser,
  async () => {
    const kafka = connectKafka({
      brokers: [test.stack.addresses.kafka],
      topicPrefix: "",
      clientId: "turnlog-test",
    });
    const producer = await kafka.producer();
    await producer.send(
      "events",
      ["{ broken", "{ broken too"].map((value) => ({ key: "k", value })),
    );
    await kafka.close();
    await until("both are set aside", 20_000, async () => {
      const [{ letters }] = await test.query<{ letters: string }>(
        "SELECT count() AS letters FROM dead_letters FINAL",
      );
      return Number(letters) === 2;
    });
    await open("ingestion");
    const [row, ...others] = await tableOf("Dead letters by reason");
    assert.deepEqual([row.Messages, row["Reason class"], others], ["2", "not-json", []]);
    assert.match(row["Last begins"], /^{ broken/);
    await card("Dead letters by reason").getByText("deno task replay-dead-letters").waitFor();
  },
);

Deno.test(
  "ClickHouse away is told once, calmly, and what was shown stays",
  withBrowser,
  async () => {
    await open("reliability");
    await tableOf("Why attempts failed");
    await page.route("**/api/analytics/views/**", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify({ title: "Unavailable", detail: "ClickHouse does not answer." }),
      }));
    await page.getByRole("button", { name: "Refresh", exact: true }).click();
    await page.getByText("ClickHouse does not answer.").waitFor();
    assert.equal(await page.getByRole("alert").count(), 1);
    assert.ok((await tableOf("Why attempts failed")).length > 0);
    await page.unroute("**/api/analytics/views/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
  },
);

Deno.test("a phone reaches every section, and nothing sticks out", withBrowser, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open("overview");
  const links = page.getByRole("navigation", { name: "Sections" }).getByRole("link");
  await links.first().waitFor();
  const names = await links.allInnerTexts();
  assert.ok(names.length >= 6);
  for (const name of names) {
    await links.getByText(name, { exact: true }).click();
    await page.getByRole("link", { name, exact: true }).and(page.locator("[aria-current]"))
      .waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390, name);
  }
  assert.deepEqual(complaints, []);
});
