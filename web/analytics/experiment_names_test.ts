import assert from "node:assert/strict";
import type { ExperimentView } from "../../events/contract/experiment_view.ts";
import { experiments, variantsOf } from "./experiment_names.js";

Deno.test("the variants of an experiment are told by their names", () => {
  const variants = [
    { name: "control", weight: 1, overrides: {} },
    { name: "brief", weight: 1, overrides: {} },
  ];
  experiments.value = [{ name: "tone", definition: { variants } } as unknown as ExperimentView];
  assert.deepEqual(variantsOf("tone"), ["control", "brief"]);
  assert.deepEqual(variantsOf("unknown"), []);
});
