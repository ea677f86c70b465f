/** The app in a real browser, on real engines: what a person does on the first day, and on a bad one. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import { launchBrowser, withBrowser } from "./support/browser.ts";
import { startTestStack, type TestStack } from "./support/test_stack.ts";
import { until } from "../scripts/load/until.ts";

let test: TestStack;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (withBrowser.ignore) return;
  test = await startTestStack();
  browser = await launchBrowser();
});

Deno.test.afterAll(async () => {
  if (withBrowser.ignore) return;
  await browser.close();
  await test.stop();
});

/** Runs a test as a new person, and requires that the page itself complains of nothing. */
async function withPage(
  run: (page: Page) => Promise<void>,
  { allowed }: { allowed?: RegExp } = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !allowed?.test(text)) complaints.push(text);
  });
  try {
    await page.goto(test.stack.url);
    await run(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

async function chooseModel(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Model: / }).click();
  await page.getByRole("menuitemradio", { name, exact: true }).click();
}

const answer = (page: Page) => page.getByRole("group", { name: "Answer", exact: true }).last();

async function untilAnswered(page: Page): Promise<void> {
  await answer(page).and(page.locator('[aria-busy="false"]')).waitFor({ timeout: 30_000 });
}

/** The letters alone: what Markdown makes of a text can be compared with the text by them. */
const lettersOf = (text: string) => text.replaceAll("```typescript", "").replaceAll(/[^a-z]/gi, "");

/** @returns The letters of the answer as it is shown, without the captions of code and the buttons beside it. */
async function shownLetters(page: Page): Promise<string> {
  const text = await answer(page).evaluate((element) => {
    const copy = element.cloneNode(true) as Element;
    for (const part of copy.querySelectorAll("figcaption, button")) part.remove();
    return copy.textContent ?? "";
  });
  return lettersOf(text);
}

async function requireShown(page: Page, text: string): Promise<void> {
  const shown = await shownLetters(page);
  assert(shown.includes(lettersOf(text)), `${shown}\ndoes not hold\n${lettersOf(text)}`);
}

async function untilSomeIsShown(page: Page): Promise<void> {
  await until("some of it is there", 10_000, async () => (await shownLetters(page)).length > 100);
}

Deno.test(
  "a message is answered, and both are there after a reload and in the list",
  withBrowser,
  () =>
    withPage(async (page) => {
      await say(page, "What is a durable turn?");
      await untilAnswered(page);
      const expected = simulateAnswer("What is a durable turn?").join("");
      await requireShown(page, expected);
      await page.getByRole("link", { name: "What is a durable turn?" }).waitFor();
      await page.reload();
      await untilAnswered(page);
      await requireShown(page, expected);
    }),
);

Deno.test(
  "a reload in the middle of an answer loses nothing",
  withBrowser,
  () =>
    withPage(async (page) => {
      await chooseModel(page, "slow");
      await say(page, "Take your time");
      await untilSomeIsShown(page);
      await page.reload();
      await untilAnswered(page);
      await requireShown(page, simulateAnswer("Take your time", 300).join(""));
    }),
);

Deno.test(
  "Esc stops an answer, and what was seen of it stays",
  withBrowser,
  () =>
    withPage(async (page) => {
      await chooseModel(page, "slow");
      await say(page, "Stop me");
      await untilSomeIsShown(page);
      await page.keyboard.press("Escape");
      await page.getByText("Stopped", { exact: true }).waitFor();
      const stopped = await shownLetters(page);
      await page.reload();
      await page.getByText("Stopped", { exact: true }).waitFor();
      assert.equal(await shownLetters(page), stopped);
    }),
);

Deno.test(
  "a person is told who failed, and who answers instead",
  withBrowser,
  () =>
    withPage(async (page) => {
      await chooseModel(page, "falls-back");
      await say(page, "Who is there?");
      await untilAnswered(page);
      const happened = await page.getByRole("list", { name: "What happened" }).innerText();
      assert.match(happened, /overloaded/);
      assert.match(happened, /demo/);
    }),
);

Deno.test(
  "an answer that nobody gives says why, and can be tried again with another model",
  withBrowser,
  () =>
    withPage(async (page) => {
      await chooseModel(page, "refused");
      await say(page, "Please");
      const failed = page.getByText(/Could not be answered: /);
      await failed.waitFor();
      await page.getByRole("button", { name: "Choose a model" }).click();
      await page.getByRole("menuitemradio", { name: "demo", exact: true }).click();
      await failed.waitFor({ state: "hidden" });
      await untilAnswered(page);
      await requireShown(page, simulateAnswer("Please").join(""));
    }),
);

Deno.test(
  "a turn that waits for a provider is answered by the model that a person chooses instead",
  withBrowser,
  () =>
    withPage(async (page) => {
      test.provider.behave({ error: { status: 503, body: { error: { message: "Down" } } } });
      await chooseModel(page, "waits");
      await say(page, "Is anybody there?");
      const waiting = page.getByRole("status").filter({ hasText: "Waiting for a provider" });
      await waiting.getByText(/next try in \d+ s|trying now/).waitFor();
      await waiting.getByRole("button", { name: "Stop" }).waitFor();
      await waiting.getByRole("button", { name: "Choose a model" }).click();
      await page.getByRole("menuitemradio", { name: "demo", exact: true }).click();
      await untilAnswered(page);
      await requireShown(page, simulateAnswer("Is anybody there?").join(""));
      const happened = await page.getByRole("list", { name: "What happened" }).innerText();
      assert.match(happened, /mock is overloaded · demo answers/);
      test.provider.behave({});
    }),
);

Deno.test(
  "an api that dies in the middle of an answer is come back to, with every word",
  withBrowser,
  () =>
    withPage(async (page) => {
      await chooseModel(page, "slow");
      await say(page, "Hold on");
      await untilSomeIsShown(page);
      await test.stack.kill("api");
      await test.stack.untilReady("api");
      await untilAnswered(page);
      await requireShown(page, simulateAnswer("Hold on", 300).join(""));
    }, { allowed: /Failed to load resource/ }),
);

Deno.test(
  "a message that is sent while the api is away is sent when it is back, or discarded",
  withBrowser,
  () =>
    withPage(async (page) => {
      await page.getByRole("button", { name: /^Model: / }).waitFor();
      await test.stack.kill("api");
      await say(page, "Wait for it");
      await untilAnswered(page);
      await requireShown(page, simulateAnswer("Wait for it").join(""));

      const turns = "**/api/conversations/*/turns";
      await page.route(turns, (route) => route.abort());
      await say(page, "Never mind");
      await page.getByText("Waiting for the server · trying again").waitFor();
      await page.getByRole("button", { name: "Discard" }).click();
      await page.unroute(turns);
      await say(page, "What else?");
      await page.getByText("What else?", { exact: true }).waitFor();
      await untilAnswered(page);
      assert.equal(await page.getByText("Never mind").count(), 0);
    }, { allowed: /Failed to load resource/ }),
);

Deno.test(
  "a message that did not reach the server is sent after a reload",
  withBrowser,
  () =>
    withPage(async (page) => {
      const conversations = "**/api/conversations";
      await page.route(conversations, (route) => route.abort());
      await say(page, "Outlive the page");
      await page.getByText("Waiting for the server · trying again").waitFor();
      await page.unroute(conversations);
      await page.reload();
      await untilAnswered(page);
      await requireShown(page, simulateAnswer("Outlive the page").join(""));
    }, { allowed: /Failed to load resource/ }),
);

Deno.test(
  "a conversation that is deleted elsewhere says that it is gone",
  withBrowser,
  () =>
    withPage(async (page) => {
      await chooseModel(page, "slow");
      await say(page, "Delete me");
      await untilSomeIsShown(page);
      const id = new URL(page.url()).pathname.replace("/c/", "");
      await page.request.delete(`${test.stack.url}/api/conversations/${id}`);
      await page.getByText("There is no such conversation.").waitFor({ timeout: 15_000 });
    }, { allowed: /Failed to load resource/ }),
);

/** Says something that cannot be answered, and deletes the conversation. @returns Its id and that of its turn. */
async function failAndDelete(page: Page): Promise<{ id: string; turnId: string }> {
  await page.goto(test.stack.url);
  await chooseModel(page, "refused");
  await say(page, "Forget this");
  await untilAnswered(page);
  const id = new URL(page.url()).pathname.replace("/c/", "");
  const { turns: [turn] } = await (await page.request.get(conversationUrl(id))).json();
  await page.locator(`a.row-link[href="/c/${id}"]`).press("Delete");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  return { id, turnId: turn.id };
}

const conversationUrl = (id: string) => `${test.stack.url}/api/conversations/${id}`;

async function failedTurnIds(page: Page): Promise<string[]> {
  const url = `${test.stack.url}/api/operations/turns?status=failed`;
  const { items } = await (await page.request.get(url)).json();
  return items.map(({ id }: { id: string }) => id);
}

async function untilDeleted(page: Page, { id, turnId }: { id: string; turnId: string }) {
  await until(
    "it is deleted",
    10_000,
    async () => (await page.request.get(conversationUrl(id))).status() === 404,
  );
  assert(!(await failedTurnIds(page)).includes(turnId));
}

Deno.test(
  "a deleted conversation is there until the time to undo is over, and gone with its tab, however that ends",
  withBrowser,
  () =>
    withPage(async (page) => {
      const left = await failAndDelete(page);
      assert((await failedTurnIds(page)).includes(left.turnId));
      await page.goto("about:blank");
      await untilDeleted(page, left);

      const killed = await failAndDelete(page);
      await page.goto("chrome://crash").catch(() => {});
      const next = await page.context().newPage();
      assert.equal((await next.request.get(conversationUrl(killed.id))).status(), 200);
      await next.goto(test.stack.url);
      await next.getByText("Your conversations will be listed here.").waitFor();
      await untilDeleted(next, killed);
    }),
);

Deno.test(
  "what is undone in one tab is not deleted with another one, which deletes only what it began itself",
  withBrowser,
  () =>
    withPage(async (page) => {
      const undone = await failAndDelete(page);
      const other = await page.context().newPage();
      await other.goto(test.stack.url);
      await other.getByText("Your conversations will be listed here.").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      const deleted = await failAndDelete(other);
      await other.close({ runBeforeUnload: true });
      await untilDeleted(page, deleted);
      assert.equal((await page.request.get(conversationUrl(undone.id))).status(), 200);
    }),
);

Deno.test(
  "a conversation is deleted also where the browser can keep nothing",
  withBrowser,
  () =>
    withPage(async (page) => {
      await page.addInitScript(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      });
      await page.clock.install();
      const deleted = await failAndDelete(page);
      await page.clock.fastForward(10_000);
      await untilDeleted(page, deleted);
    }),
);

Deno.test(
  "what a model writes can do nothing in the page",
  withBrowser,
  () =>
    withPage(async (page) => {
      const hostile = [
        "<script>window.hacked = 1</script>",
        '<img src="https://tracker.example/x.png" onerror="window.hacked = 2">',
        "[a link](javascript:window.hacked=3)",
        '<iframe src="https://tracker.example"></iframe>',
        '<svg onload="window.hacked = 4"></svg>',
      ].join("\n\n");
      const foreign: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(test.stack.url)) foreign.push(request.url());
      });
      test.provider.behave({ text: hostile });
      await chooseModel(page, "mock");
      await say(page, "Be evil");
      await untilAnswered(page);
      assert.equal(await page.evaluate("window.hacked"), undefined);
      assert.deepEqual(foreign, []);
      assert.equal(await answer(page).locator("script, iframe, [onerror], [onload]").count(), 0);
      assert.equal(await answer(page).locator('a[href^="javascript"]').count(), 0);
    }),
);
