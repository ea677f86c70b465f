import assert from "node:assert/strict";
import { branchOf, type TurnNode } from "./turn_tree.js";

const turn = (id: string, parentTurnId: string | null, regeneratedFrom: string | null = null) => ({
  id,
  parentTurnId,
  regeneratedFrom,
});
const ids = (turns: TurnNode[], selected: string | null = null) =>
  branchOf(turns, selected).map(({ turn }) => turn.id);

Deno.test("a conversation without siblings is one branch in its order", () => {
  assert.deepEqual(ids([turn("a", null), turn("b", "a"), turn("c", "b")]), ["a", "b", "c"]);
  assert.deepEqual(ids([]), []);
});

Deno.test("the branch with the newest turn is shown, even below an older sibling", () => {
  const turns = [turn("a", null), turn("b", "a"), turn("b2", "a"), turn("c", "b")];
  assert.deepEqual(ids(turns), ["a", "b", "c"]);
});

Deno.test("a selected turn is shown with the newest turn below it", () => {
  const turns = [
    turn("a", null),
    turn("b", "a"),
    turn("c", "b"),
    turn("c2", "b"),
    turn("b2", "a"),
  ];
  assert.deepEqual(ids(turns), ["a", "b2"]);
  assert.deepEqual(ids(turns, "b"), ["a", "b", "c2"]);
  assert.deepEqual(ids(turns, "c"), ["a", "b", "c"]);
  assert.deepEqual(ids(turns, "unknown"), ["a", "b2"]);
});

Deno.test("answers to one message and wordings of a message are counted apart", () => {
  const turns = [
    turn("first", null),
    turn("again", null, "first"),
    turn("edited", null),
    turn("once more", null, "again"),
  ];
  const [step] = branchOf(turns, null);
  assert.equal(step.turn.id, "once more");
  assert.deepEqual(step.answer, { index: 2, count: 3, previous: "again", next: null });
  assert.deepEqual(step.message, { index: 0, count: 2, previous: null, next: "edited" });
  const [edited] = branchOf(turns, "edited");
  assert.deepEqual(edited.message, { index: 1, count: 2, previous: "once more", next: null });
  assert.equal(edited.answer.count, 1);
});

Deno.test("a turn whose parent is missing is not hidden", () => {
  assert.deepEqual(ids([turn("a", "gone")]), ["a"]);
});

Deno.test("a turn that is regenerated from itself does not hang", () => {
  assert.deepEqual(ids([turn("a", null, "a")]), ["a"]);
});

Deno.test("two thousand turns take milliseconds", () => {
  const turns = Array.from(
    { length: 2000 },
    (_, index) => turn(`${index}`, index === 0 ? null : `${index - 1}`),
  );
  const from = performance.now();
  assert.equal(branchOf(turns, null).length, 2000);
  assert.ok(performance.now() - from < 200);
});
