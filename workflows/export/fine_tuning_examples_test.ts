import assert from "node:assert/strict";
import type { TurnState } from "../../events/contract/conversation.ts";
import { fineTuningExamples } from "./fine_tuning_examples.ts";

/** A turn whose message is `ask <id>` and whose answer is `tell <id>`. */
function turn(turnId: string, parentTurnId: string | null, other: Partial<TurnState> = {}) {
  const texts = { message: `ask ${turnId}`, text: `tell ${turnId}` };
  return { turnId, parentTurnId, status: "completed", ...texts, ...other } as TurnState;
}

const all = () => true;

/** An example as a line: `ask a` / `tell a` with the weight of each answer. */
function lines(turns: TurnState[], isSelected: (turn: TurnState) => boolean = all): string[] {
  return fineTuningExamples(turns, isSelected).map(({ messages }) =>
    messages.map(({ content, weight }) => weight === undefined ? content : `${content}=${weight}`)
      .join(" ")
  );
}

Deno.test("a conversation without branches is one example, in which each answer is learned", () => {
  assert.deepEqual(lines([turn("a", null), turn("b", "a"), turn("c", "b")]), [
    "ask a tell a=1 ask b tell b=1 ask c tell c=1",
  ]);
});

Deno.test("of a conversation with branches each answer is learned once", () => {
  const turns = [turn("a", null), turn("b", "a"), turn("c", "a"), turn("d", "c")];
  assert.deepEqual(lines(turns), [
    "ask a tell a=1 ask b tell b=1",
    "ask a tell a=0 ask c tell c=1 ask d tell d=1",
  ]);
});

Deno.test("what is not selected, or is not complete, is history and not learned", () => {
  const turns = [
    turn("a", null),
    turn("b", "a", { status: "stopped" }),
    turn("c", "b"),
    turn("d", "c"),
    turn("e", "d", { status: "failed", text: "" }),
    turn("f", "e"),
  ];
  assert.deepEqual(lines(turns, ({ turnId }) => ["b", "c", "e", "f"].includes(turnId)), [
    "ask a tell a=0 ask b tell b=0 ask c tell c=1 ask d tell d=0 ask e ask f tell f=1",
  ]);
  assert.deepEqual(lines(turns, ({ turnId }) => turnId === "a"), ["ask a tell a=1"]);
  assert.deepEqual(lines(turns, () => false), []);
});

Deno.test("what a program asked is an example of its own, with its tools and without its parents", () => {
  const call = { id: "call_1", name: "look_up", arguments: '{"word":"tide"}' };
  const request: TurnState["request"] = {
    messages: [
      { role: "system", content: "Be brief" },
      { role: "user", content: [{ type: "text", text: "Look" }, { type: "image", url: "data:," }] },
      { role: "assistant", content: "", toolCalls: [call] },
      { role: "tool", toolCallId: "call_1", content: "A rise" },
    ],
    tools: [{ name: "look_up", parameters: { type: "object" } }],
    parallelToolCalls: false,
    responseFormat: { type: "json" },
  };
  const turns = [turn("a", null), turn("b", "a", { request, text: "", toolCalls: [call] })];
  const tool_calls = [{
    id: "call_1",
    type: "function",
    function: { name: "look_up", arguments: '{"word":"tide"}' },
  }];
  assert.deepEqual(fineTuningExamples(turns, ({ turnId }) => turnId === "b"), [{
    messages: [
      { role: "system", content: "Be brief" },
      {
        role: "user",
        content: [{ type: "text", text: "Look" }, {
          type: "image_url",
          image_url: { url: "data:," },
        }],
      },
      { role: "assistant", content: null, tool_calls, weight: 0 },
      { role: "tool", tool_call_id: "call_1", content: "A rise" },
      { role: "assistant", content: null, tool_calls, weight: 1 },
    ],
    tools: [{
      type: "function",
      function: { name: "look_up", parameters: { type: "object" } },
    }],
    parallel_tool_calls: false,
  }]);
  assert.deepEqual(lines(turns)[1], "ask a tell a=1");
});

Deno.test("a turn that is said to follow itself ends the search for its history", () => {
  assert.deepEqual(lines([turn("a", "a")]), ["ask a tell a=1"]);
});
