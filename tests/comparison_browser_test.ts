/** Two answers beside each other in a real browser, on real engines: from the button to the ranking of the models. */
import assert from "node:assert/strict";
import { type Browser, chromium, type Page } from "playwright-core";
import { until } from "../scripts/load/until.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";

const executablePath = Deno.env.get("TURNLOG_CHROMIUM");
/** The test runner says why, and never leaves them out in an automatic run. */
const options = { ignore: executablePath === undefined };

let test: TestStack;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  test = await startTestStack();
  test.provider.behave({ text: "A short answer, and no more." });
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
});

Deno.test.afterAll(async () => {
  if (options.ignore) return;
  await browser.close();
  await test.stop();
});

/** Runs a test as a new person, to whom two models have answered the same message. */
async function withTwoAnswers(run: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  try {
    await page.goto(test.stack.url);
    await page.getByRole("textbox", { name: "Message" }).fill("Which is better?");
    await page.keyboard.press("Enter");
    await untilAnswers(page, 1);
    await regenerateWith(page, "mock");
    await untilAnswers(page, 2);
    await run(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

async function regenerateWith(page: Page, model: string): Promise<void> {
  await page.getByRole("button", { name: "Regenerate with another model" }).click();
  await page.getByRole("menuitemradio", { name: model, exact: true }).click();
}

/** Until there are as many answers to the message, all of them whole. */
async function untilAnswers(page: Page, count: number): Promise<void> {
  await until(`there are ${count} answers`, 30_000, async () => {
    const { turns } = await readConversation(page);
    return turns.length === count &&
      turns.every(({ status }: { status: string }) => status === "completed");
  });
  await page.getByRole("group", { name: "Answer", exact: true })
    .and(page.locator('[aria-busy="false"]')).waitFor();
}

async function readConversation(page: Page) {
  const [, id] = /\/c\/([^/]+)/.exec(new URL(page.url()).pathname)!;
  return await (await page.request.get(`${test.stack.url}/api/conversations/${id}`)).json();
}

const compare = (page: Page) => page.getByRole("button", { name: "Compare answers" });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Compare answers" });
const choice = (page: Page, name: string) => dialog(page).getByRole("button", { name });
const pressed = (page: Page) => dialog(page).locator('[aria-pressed="true"]').allInnerTexts();

Deno.test(
  "two answers are judged by keyboard before their models are named, and the last vote outlives a reload and is counted",
  options,
  () =>
    withTwoAnswers(async (page) => {
      // Another model was asked this once: the next message goes where this one went.
      await page.getByRole("button", { name: "Model: default" }).waitFor();
      await compare(page).press("Enter");
      await dialog(page).getByRole("region", { name: "Answer B" }).getByRole("paragraph").first()
        .waitFor();
      assert.doesNotMatch(await dialog(page).innerText(), /\b(demo|mock)\b/);
      assert.deepEqual(await pressed(page), []);

      await tabTo(page, "A is better");
      await page.keyboard.press("Enter");
      const named = dialog(page).getByRole("status");
      await named.getByText(/A is by (demo, B by mock|mock, B by demo)/).waitFor();
      assert.deepEqual(await pressed(page), ["A is better"]);

      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "hidden" });
      assert.equal(
        await compare(page).evaluate((button) => button === document.activeElement),
        true,
      );

      await untilVote(page, "first");
      await page.reload();
      await compare(page).click();
      await named.getByText(/A is by/).waitFor();
      assert.deepEqual(await pressed(page), ["A is better"]);
      await choice(page, "Both bad").click();
      await untilVote(page, "neither");

      const ranking = await until("the ranking counts the last vote", 30_000, async () => {
        const rows = await test.query<{ both_bad: number }>(
          "SELECT model, votes, wins, losses, ties, both_bad, win_rate FROM comparison_ranking(" +
            "from = now() - INTERVAL 1 DAY, to = now() + INTERVAL 1 DAY)",
        );
        return rows.length === 2 && rows[0].both_bad === 1 && rows;
      });
      const row = { votes: 1, wins: 0, losses: 0, ties: 0, both_bad: 1, win_rate: 0.5 };
      assert.deepEqual(ranking, [{ model: "demo", ...row }, { model: "mock", ...row }]);
    }),
);

/** Goes on by Tab to a button, past those that code in the answers has. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let tabs = 0; tabs < 10; tabs++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate("document.activeElement.innerText") === name) return;
  }
  assert.fail(`${name} is not reached by Tab`);
}

/** Until the server has this vote, and no other. */
async function untilVote(page: Page, winner: string): Promise<void> {
  await until(`the vote is ${winner}`, 10_000, async () => {
    const { comparisons } = await readConversation(page);
    return comparisons.length === 1 && comparisons[0].winner === winner;
  });
}

Deno.test(
  "of three answers a person chooses which to compare with, and is told where a vote was not kept",
  options,
  () =>
    withTwoAnswers(async (page) => {
      await regenerateWith(page, "demo");
      await untilAnswers(page, 3);
      await compare(page).click();
      await page.getByRole("menuitem", { name: "With answer 2" }).click();
      await dialog(page).getByText("A short answer, and no more.").waitFor();

      await page.route("**/api/comparisons/**", (route) => route.abort());
      await choice(page, "Tie").click();
      await dialog(page).getByRole("alert").getByText(/Your vote was not kept/).waitFor();
      assert.deepEqual(await pressed(page), []);
      assert.deepEqual((await readConversation(page)).comparisons, []);
    }),
);
