import assert from "node:assert/strict";
import { RecentAnswers } from "./recent_answers.ts";

/** Answers with how often it was asked, after some time of a clock that only this moves. */
function counter() {
  const clock = { nowMs: 0 };
  const answers = new RecentAnswers({ nowMs: () => clock.nowMs });
  let found = 0;
  const ask = (key: string, tookMs: number) =>
    answers.of(key, async () => {
      await Promise.resolve();
      clock.nowMs += tookMs;
      return ++found;
    });
  return { clock, ask };
}

Deno.test("an answer is told again for ten times as long as it took to find, and for a minute at most", async () => {
  const { clock, ask } = counter();
  assert.equal(await ask("quick", 100), 1);
  clock.nowMs += 999;
  assert.equal(await ask("quick", 100), 1);
  clock.nowMs += 1;
  assert.equal(await ask("quick", 100), 2);
  assert.equal(await ask("slow", 20_000), 3);
  clock.nowMs += 59_999;
  assert.equal(await ask("slow", 20_000), 3);
  clock.nowMs += 1;
  assert.equal(await ask("slow", 20_000), 4);
});

Deno.test("whoever asks while an answer is being found gets the same one", async () => {
  const { ask } = counter();
  assert.deepEqual(await Promise.all([ask("a", 10), ask("b", 10), ask("a", 10)]), [1, 2, 1]);
});

Deno.test("what went wrong is tried anew", async () => {
  const answers = new RecentAnswers();
  await assert.rejects(answers.of("a", () => Promise.reject(new Error("away"))), /away/);
  assert.equal(await answers.of("a", () => Promise.resolve("here")), "here");
});

Deno.test("of many answers the oldest are forgotten", () => {
  const answers = new RecentAnswers();
  let asked = 0;
  const ask = (key: number) => void answers.of(`${key}`, () => new Promise(() => asked++));
  for (let key = 1; key <= 201; key++) ask(key);
  ask(2);
  assert.equal(asked, 201);
  ask(1);
  assert.equal(asked, 202);
});
