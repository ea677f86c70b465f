/** The SQL page in a real browser, over the embedded ClickHouse: what an analyst does, by keyboard where it matters. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import {
  startTemporaryServer,
  type TemporaryServer,
} from "../analytics/embedded/temporary_server.ts";
import { migrate } from "../analytics/migrate.ts";
import { withApp } from "../api/temporary_app.ts";
import { launchBrowser, withBrowser } from "./support/browser.ts";

let server: TemporaryServer;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (withBrowser.ignore) return;
  server = await startTemporaryServer();
  await migrate({ url: server.writerUrl });
  browser = await launchBrowser();
});

Deno.test.afterAll(async () => {
  if (withBrowser.ignore) return;
  await browser.close();
  await server[Symbol.asyncDispose]();
});

/** Opens the page with a query in its address, as a link from someone does. */
function withSqlPage(query: string, run: (page: Page) => Promise<void>): Promise<void> {
  return withApp(async ({ request }) => {
    const app = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (asked) => {
      const { pathname, search } = new URL(asked.url);
      const { method, signal } = asked;
      const headers = Object.fromEntries(asked.headers);
      const body = method === "GET" ? null : await asked.bytes();
      return await request(pathname + search, { method, headers, body, signal });
    });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      acceptDownloads: true,
    });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", ({ message }) => complaints.push(message));
      const address = new URL(`http://127.0.0.1:${app.addr.port}/analytics/sql`);
      address.searchParams.set("query", query);
      await page.goto(address.href);
      await editor(page).waitFor();
      await run(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
      await app.shutdown();
    }
  }, { clickHouseUrl: server.url });
}

const editor = (page: Page) => page.getByRole("textbox", { name: "SQL" });
const alert = (page: Page) => page.getByRole("alert");
const cells = (page: Page) => page.getByRole("region", { name: "Rows" }).getByRole("cell");

Deno.test(
  "a query runs by Ctrl+Enter, and its rows can be seen, drawn and kept",
  withBrowser,
  () =>
    withSqlPage(
      "SELECT toDateTime('2026-11-24 00:00:00', 'UTC') + number * 3600 AS hour, number * 2 AS n FROM numbers(3)",
      async (page) => {
        await editor(page).click();
        await page.keyboard.press("Control+Enter");
        await page.getByText("3 rows").waitFor();
        assert.deepEqual(
          await cells(page).allTextContents().then((all) => all.map((text) => text.trim())),
          [
            ...["2026-11-24T00:00:00Z", "0", "2026-11-24T01:00:00Z", "2"],
            ...["2026-11-24T02:00:00Z", "4"],
          ],
        );
        await page.getByRole("button", { name: "Chart", exact: true }).click();
        await page.getByRole("img", { name: /^Chart: Result/ }).waitFor();
        for (const [format, beginning] of [["CSV", '"hour","n"\n'], ["Parquet", "PAR1"]]) {
          const downloaded = page.waitForEvent("download");
          await page.getByRole("button", { name: format, exact: true }).click();
          const path = await (await downloaded).path();
          assert((await Deno.readTextFile(path)).startsWith(beginning), format);
        }
      },
    ),
);

Deno.test(
  "a mistake is marked where it stands, and goes when it is mended",
  withBrowser,
  () =>
    withSqlPage("SELECT count(), nosuch\nFROM events", async (page) => {
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await alert(page).getByText("Line 1, column 17").waitFor();
      assert.match(await alert(page).textContent() ?? "", /Unknown expression identifier `nosuch`/);
      assert.equal(await page.locator(".cm-mistake").textContent(), "nosuch");
      await page.locator(".cm-mistake").dblclick();
      await page.keyboard.type("max(attempt)");
      await alert(page).waitFor({ state: "detached" });
      await page.keyboard.press("Control+Enter");
      await page.getByText("1 row").waitFor();
    }),
);

Deno.test(
  "what may not be asked is refused in words",
  withBrowser,
  () =>
    withSqlPage("SELECT * FROM url('http://127.0.0.1/')", async (page) => {
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await alert(page).getByText(/files, the network, other servers.* out of its reach/)
        .waitFor();
    }),
);

Deno.test(
  "a query that takes long can be cancelled",
  withBrowser,
  () =>
    withSqlPage(
      "SELECT count() FROM numbers(900000000) WHERE NOT ignore(sleepEachRow(0.00001))",
      async (page) => {
        await page.getByRole("button", { name: "Run", exact: true }).click();
        await page.getByRole("button", { name: /^Cancel/ }).click();
        await page.getByText("Cancelled.").waitFor();
        await page.getByRole("button", { name: "Run", exact: true }).waitFor();
      },
    ),
);

Deno.test(
  "tables and columns are offered while one types, and listed with what they hold",
  withBrowser,
  () =>
    withSqlPage("SELECT 1", async (page) => {
      await page.getByText("dead_letters", { exact: true }).waitFor();
      await editor(page).click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" FROM dead_let");
      await page.getByRole("option", { name: /^dead_letters/ }).first().waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.type(" WHERE reason_c");
      await page.getByRole("option", { name: /reason_class/ }).waitFor();
      await page.getByRole("searchbox").fill("event_id");
      await page.getByText("events", { exact: true }).click();
      await page.getByText("Unique; the same whenever the same fact is told again").waitFor();
      await page.getByRole("button", { name: "Read its rows" }).first().click();
      await editor(page).filter({ hasText: "SELECT *FROM events FINALLIMIT 100" }).waitFor();
    }),
);

Deno.test(
  "a query is saved in the browser, and what was run comes back from the history",
  withBrowser,
  () =>
    withSqlPage("SELECT 41 + 1 AS answer", async (page) => {
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByText("1 row").waitFor();
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByLabel("Name").fill("The answer");
      await page.keyboard.press("Enter");
      await page.goto(page.url().split("?")[0]);
      await page.getByRole("button", { name: "Queries" }).click();
      await page.getByRole("menuitem", { name: "Events of each type, today" }).click();
      await editor(page).filter({ hasText: "today()" }).waitFor();
      await page.getByRole("button", { name: "Queries" }).click();
      await page.getByRole("menuitem", { name: "The answer" }).click();
      await editor(page).filter({ hasText: "SELECT 41 + 1 AS answer" }).waitFor();
      await page.getByRole("button", { name: "History" }).click();
      await page.getByRole("menuitem", { name: "SELECT 41 + 1 AS answer" }).waitFor();
    }),
);
