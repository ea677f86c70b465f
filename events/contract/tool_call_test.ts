import assert from "node:assert/strict";
import { addToolCallDelta, type ToolCall, type ToolCallDelta } from "./tool_call.ts";

Deno.test("pieces of several calls become the calls", () => {
  const deltas: ToolCallDelta[] = [
    { index: 0, id: "a", name: "weather", arguments: "" },
    { index: 0, arguments: '{"city":' },
    { index: 1, id: "b", name: "time", arguments: "{}" },
    { index: 0, arguments: '"Bern"}' },
  ];
  assert.deepEqual(deltas.reduce<ToolCall[]>(addToolCallDelta, []), [
    { id: "a", name: "weather", arguments: '{"city":"Bern"}' },
    { id: "b", name: "time", arguments: "{}" },
  ]);
});
