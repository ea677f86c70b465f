import assert from "node:assert/strict";
import { tokensAbout, tokensAtLeast } from "./token_estimate.ts";

/** Texts and their tokens in o200k_base or cl100k_base, whichever has fewer. */
const counted: [text: string, tokens: number][] = [
  ["word ".repeat(5000), 5001],
  ["Each step is an event, and nothing is lost.\n\n", 11],
  ["const answer = await retry(() => ask(question), { attempts: 3 });", 16],
  [
    "工作流是持久的。每个步骤都是一个事件。当提供者失败时,会话会等待,直到另一个提供者回答为止。",
    33,
  ],
  ["Die Donaudampfschifffahrtsgesellschaft antwortet zuverlässig.", 14],
  ["a".repeat(5000), 625],
  [" ".repeat(5000), 40],
  ["-".repeat(5000), 78],
  ["31415926535897932384626433".repeat(100), 867],
  ["😀🎉🚀".repeat(500), 2500],
  ["", 0],
];

Deno.test("a text never has fewer tokens than the least", () => {
  for (const [text, tokens] of counted) {
    assert(
      tokensAtLeast(text) <= tokens,
      `${text.slice(0, 40)}: ${tokensAtLeast(text)} > ${tokens}`,
    );
  }
});

Deno.test("of English and of code the least is near the truth", () => {
  for (const [text, tokens] of counted.slice(0, 3)) {
    assert(tokensAtLeast(text) >= 0.7 * tokens, `${text.slice(0, 40)}: ${tokensAtLeast(text)}`);
  }
});

Deno.test("a guess is at least the least, and within a third of the truth for prose", () => {
  for (const [text, tokens] of counted.slice(0, 4)) {
    assert(tokensAbout(text) >= tokensAtLeast(text));
    assert(
      Math.abs(tokensAbout(text) - tokens) <= tokens / 3,
      `${text.slice(0, 40)}: ${tokensAbout(text)}`,
    );
  }
});
