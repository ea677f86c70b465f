import assert from "node:assert/strict";
import { simulateToolCall } from "./simulated_tool_call.ts";

const tools = [
  { name: "now" },
  {
    name: "weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" }, unit: { type: "string" } },
      required: ["city", "days"],
    },
  },
];

Deno.test("the tool that must be called is called, with the arguments that it needs", () => {
  const messages = [{ role: "user" as const, content: "Bern" }];
  assert.deepEqual(
    simulateToolCall({ messages, tools, toolChoice: { name: "weather" } }, "Bern", "c"),
    { id: "c", name: "weather", arguments: '{"city":"Bern","days":4}' },
  );
  assert.equal(
    simulateToolCall({ messages, tools, toolChoice: "required" }, "Bern", "c")?.name,
    "now",
  );
  assert.equal(simulateToolCall({ messages, tools }, "Bern", "c"), null);
});
