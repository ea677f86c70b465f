import assert from "node:assert/strict";
import { simulateAnswer } from "./providers/simulated_answer.ts";
import { Seam } from "./seam.ts";

/** @returns The whole answer, where the model continues it in pieces of this length. */
function joined(before: string, continuation: string, pieceLength = 3): string {
  const seam = new Seam(before);
  let text = before;
  for (let index = 0; index < continuation.length; index += pieceLength) {
    text += seam.add(continuation.slice(index, index + pieceLength));
  }
  return text + seam.end();
}

/** Before the seam, what the model writes, and the whole. */
type Case = [before: string, continuation: string, whole: string];

function check(cases: Case[]): void {
  for (const [before, continuation, whole] of cases) {
    for (const pieceLength of [1, 4, 1000]) {
      assert.equal(joined(before, continuation, pieceLength), whole);
    }
  }
}

Deno.test("a model that repeats its last words, sentence or all of it says them once", () => {
  const before = "Streams break. The second one broke in the mid";
  check([
    [
      before,
      "in the middle of a word.",
      "Streams break. The second one broke in the middle of a word.",
    ],
    [
      before,
      "The second one broke in the middle.",
      "Streams break. The second one broke in the middle.",
    ],
    [before, `${before}dle.`, "Streams break. The second one broke in the middle."],
    [before, "middle.", "Streams break. The second one broke in the middle."],
    ["It sat on", "on the mat.", "It sat on the mat."],
    ["It sat on the", "It sat on the", "It sat on the"],
    ["One line.\n\nTwo", "One line.\nTwo lines.", "One line.\n\nTwo lines."],
  ]);
});

Deno.test("a model that begins with an ellipsis goes on all the same", () => {
  check([
    ["It sat on", "… the mat.", "It sat on the mat."],
    ["It sat on", "...the mat.", "It sat on the mat."],
    ["It sat on ", "… the mat.", "It sat on the mat."],
    ["It sat on the m", "… on the mat.", "It sat on the mat."],
    ["Wait", "…", "Wait"],
  ]);
});

Deno.test("there is one space at the seam, whether the model begins with one or not", () => {
  check([
    ["It sat on", " the mat.", "It sat on the mat."],
    ["It sat on", "the mat.", "It sat on the mat."],
    ["It sat on ", "the mat.", "It sat on the mat."],
    ["It sat on ", " the mat.", "It sat on the mat."],
    ["It sat.", "Then it left.", "It sat. Then it left."],
    ["It sat,", "then it left.", "It sat, then it left."],
    ["One.\n", "\nTwo.", "One.\n\nTwo."],
    ["- one", "\n- two", "- one\n- two"],
    ["Pi is 3.1", "4.", "Pi is 3.14."],
  ]);
});

Deno.test("no space is put into a word that the answer knows, into code, or where a script has none", () => {
  check([
    [
      "A workflow is durable. Each work",
      "flow ends.",
      "A workflow is durable. Each workflow ends.",
    ],
    ["```ts\nconst ans", "wer = 1;\n```", "```ts\nconst answer = 1;\n```"],
    ["Call `ask", "Again()`", "Call `askAgain()`"],
    ["猫は座", "った。", "猫は座った。"],
  ]);
});

Deno.test("a code block that the model opens again stays one block", () => {
  check([
    ["```ts\nlet a = 1;\n", "```ts\nlet b = 2;\n```", "```ts\nlet a = 1;\nlet b = 2;\n```"],
    ["```ts\nlet a = 1;\n", "```\n\nDone.", "```ts\nlet a = 1;\n```\n\nDone."],
  ]);
});

Deno.test("what comes again by nature is no repetition", () => {
  check([
    ["It is that", " that matters.", "It is that that matters."],
    ["| --- |", " --- |", "| --- | --- |"],
    ["ha, ha,", " ha!", "ha, ha, ha!"],
    ["He was a", " and b.", "He was a and b."],
  ]);
});

Deno.test("wherever an answer breaks off, a model that repeats the words it was asked to continues it exactly", () => {
  const whole = simulateAnswer("Where does it break?").join("");
  for (let length = 1; length < whole.length; length++) {
    const before = whole.slice(0, length);
    const { anchor } = new Seam(before);
    const continuation = whole.slice(before.lastIndexOf(anchor));
    assert.equal(joined(before, continuation), whole, JSON.stringify(before.slice(-30)));
  }
});

Deno.test("wherever an answer breaks off between words, one that goes on without repeating does so too", () => {
  const whole = simulateAnswer("Where does it break?").join("");
  for (let length = 1; length < whole.length; length++) {
    const [before, continuation] = [whole.slice(0, length), whole.slice(length)];
    if (/[\p{L}*.,;:)]$/u.test(before) && /^\p{L}/u.test(continuation)) continue;
    assert.equal(joined(before, continuation), whole, JSON.stringify(before.slice(-30)));
    assert.equal(joined(before, `…${continuation}`), whole, JSON.stringify(before.slice(-30)));
  }
});
