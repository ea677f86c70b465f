import assert from "node:assert/strict";
import { limitAnswer, simulateAnswer, splitTokens } from "./simulated_answer.ts";

Deno.test("the same message gets the same answer, another message another one", () => {
  assert.deepEqual(simulateAnswer("How do retries work?"), simulateAnswer("How do retries work?"));
  assert.notDeepEqual(simulateAnswer("How do retries work?"), simulateAnswer("How do they?"));
});

Deno.test("another seed makes another answer, and a brief one is a few words of any seed", () => {
  const first = simulateAnswer("Hello", undefined, { seed: "1" });
  assert.deepEqual(simulateAnswer("Hello", undefined, { seed: "1" }), first);
  assert.notDeepEqual(simulateAnswer("Hello", undefined, { seed: "2" }), first);
  const brief = simulateAnswer("Hello", undefined, { seed: "1", isBrief: true });
  assert(brief.length < first.length / 2);
  assert.doesNotMatch(brief.join(""), /^[-|>`]/m);
});

Deno.test("an answer says that it is simulated", () => {
  assert.match(simulateAnswer("Hello").join(""), /simulated answer/);
});

Deno.test("an answer has exactly as many tokens as asked for", () => {
  for (const tokens of [1, 7, 100, 2000]) {
    assert.equal(simulateAnswer("Hello", tokens).length, tokens);
  }
});

Deno.test("tokens joined are the text, whatever it holds", () => {
  for (const text of ["", " ", "a", "a b\n\n  c ", "averyveryverylongword\t", "ü 😀 — x"]) {
    assert.equal(splitTokens(text).join(""), text);
  }
});

Deno.test("an answer ends before a stop sequence, and says where its length was limited", () => {
  const tokens = splitTokens("one two three four");
  assert.deepEqual(limitAnswer(tokens, {}), { tokens, isCut: false });
  assert.deepEqual(limitAnswer(tokens, { maxTokens: 4 }), { tokens, isCut: false });
  assert.deepEqual(limitAnswer(tokens, { maxTokens: 2 }), {
    tokens: tokens.slice(0, 2),
    isCut: true,
  });
  const stopped = limitAnswer(tokens, { stop: ["four", " three"] });
  assert.deepEqual([stopped.tokens.join(""), stopped.isCut], ["one two", false]);
  assert.deepEqual(limitAnswer(tokens, { stop: ["one"] }), { tokens: [], isCut: false });
});
