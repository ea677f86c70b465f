import assert from "node:assert/strict";
import { BlockSplitter } from "./split_blocks.js";

const answer = `# Title

A paragraph
of two lines.

- one
- two

  still two

\`\`\`js
const a = 1;

const b = 2;
\`\`\`

| a | b |
| - | - |
| 1 | 2 |

The end.`;

const sources = (splitter: BlockSplitter, text: string, isComplete = false) =>
  splitter.split(text, isComplete).map(({ source }) => source.trim());

Deno.test("an answer that grows letter by letter is split like the whole one", () => {
  const whole = sources(new BlockSplitter(), answer, true);
  const growing = new BlockSplitter();
  for (let length = 1; length < answer.length; length++) {
    growing.split(answer.slice(0, length), false);
  }
  assert.deepEqual(sources(growing, answer, true), whole);
  assert.deepEqual(whole.map((source) => source.split("\n")[0]), [
    "# Title",
    "A paragraph",
    "- one",
    "```js",
    "| a | b |",
    "The end.",
  ]);
});

Deno.test("only the last block is open, and none when the answer is complete", () => {
  const splitter = new BlockSplitter();
  const open = splitter.split("One.\n\nTwo.\n\nThr", false);
  assert.deepEqual(open.map(({ isSettled }) => isSettled), [true, true, false]);
  assert.ok(splitter.split("One.\n\nTwo.\n\nThree.", true).every(({ isSettled }) => isSettled));
});

Deno.test("a settled block stays the same string", () => {
  const splitter = new BlockSplitter();
  const [before] = splitter.split("One.\n\nTwo", false);
  const [after] = splitter.split("One.\n\nTwo and more.\n\nThree", false);
  assert.equal(before.source, after.source);
});

Deno.test("an answer that begins anew is split anew", () => {
  const splitter = new BlockSplitter();
  splitter.split("One.\n\nTwo.", false);
  assert.deepEqual(sources(splitter, "Another."), ["Another."]);
});

Deno.test("a code block that is not closed yet is one open block, whatever it holds", () => {
  const blocks = new BlockSplitter().split("```\n# no title\n\n- no list", false);
  assert.equal(blocks.length, 1);
  assert.ok(!blocks[0].isSettled);
});

Deno.test("link definitions are kept for all blocks and not shown as one", () => {
  const splitter = new BlockSplitter();
  const blocks = sources(splitter, "See [it][1].\n\n[1]: https://example.org\n\nEnd", true);
  assert.deepEqual(blocks, ["See [it][1].", "End"]);
  assert.match(splitter.definitions, /\[1\]: https:\/\/example\.org/);
});

Deno.test("line ends of Windows do not shift the blocks", () => {
  assert.deepEqual(sources(new BlockSplitter(), "One.\r\n\r\nTwo.", true), ["One.", "Two."]);
});
