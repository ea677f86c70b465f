import assert from "node:assert/strict";
import type { PlannedExposure, TurnPlan } from "../events/contract/turn_plan.ts";
import { searchAttributesOf } from "./turn_search_attributes.ts";

function attributesOf(exposures?: Partial<PlannedExposure>[]): Record<string, unknown> {
  const candidates = [{ model: "small", provider: "local" }, { model: "large", provider: "cloud" }];
  const plan = { conversationId: "c", turnId: "t", candidates, exposures } as Partial<TurnPlan>;
  const attributes = searchAttributesOf(plan as TurnPlan);
  return Object.fromEntries(attributes.map(({ key, value }) => [key.name, value]));
}

Deno.test("a run is found by its conversation, its turn, and whom it asks first", () => {
  const expected = { ConversationId: "c", TurnId: "t", Model: "small", Provider: "local" };
  assert.deepEqual(attributesOf(), expected);
});

Deno.test("as many variants are named as Temporal's database takes", () => {
  const tone = { experiment: "tone", variant: "brief", phase: 1 };
  const model = { experiment: "model", variant: "large", phase: 2 };
  const tooLong = { experiment: "long".repeat(60), variant: "a", phase: 1 };
  const expected = "tone=brief@1 model=large@2";
  assert.equal(attributesOf([tone, model]).Experiments, expected);
  assert.equal(attributesOf([tone, tooLong, model]).Experiments, expected);
});
