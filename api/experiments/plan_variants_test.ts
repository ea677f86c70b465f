import assert from "node:assert/strict";
import type { ExperimentDefinition, Overrides } from "../../events/contract/experiment.ts";
import type { ExperimentState } from "../../events/contract/experiment_state.ts";
import { parseConfig } from "../config_file.ts";
import { planCandidates } from "../planner.ts";
import { type AskedTurn, planVariants } from "./plan_variants.ts";

const config = parseConfig(
  `
providers:
  simulated: { kind: simulated }
  absent: { kind: openai, apiKey: "env:NO_SUCH_KEY" }
models:
  small: { provider: simulated }
  large: { provider: simulated }
  spare: { provider: simulated }
  paid: { provider: absent }
routes:
  default: { candidates: [small, spare] }
  quick: { candidates: [spare], retry: { attempts: 1 } }
`,
  "turnlog.yaml",
);

const turn: AskedTurn = {
  asked: "default",
  client: "app",
  userKey: "user-1",
  conversationId: "conversation-1",
  parameters: {},
};

function plan(experiments: ExperimentState[], asked: Partial<AskedTurn> = {}) {
  return planVariants(
    { ...turn, ...asked },
    experiments,
    (overrides) => planCandidates(config, asked.asked ?? "default", () => undefined, overrides),
  );
}

/** An experiment in which everybody takes part, with the variants `control` and `other`. */
function experiment(
  overrides: Overrides,
  { name = "tone", control = {}, ...definition }:
    & Partial<ExperimentDefinition>
    & { name?: string; control?: Overrides } = {},
  state: Partial<ExperimentState> = {},
): ExperimentState {
  return {
    experiment: name,
    phase: 3,
    status: "running",
    winner: null,
    startedAt: "2026-11-24T08:00:00.000Z",
    phaseStartedAt: "2026-11-24T08:00:00.000Z",
    stoppedAt: null,
    endedAt: null,
    slots: [[0, 10_000]],
    definition: {
      route: "default",
      unit: "user",
      traffic: 1,
      layer: name,
      goal: "thumbs_up_rate",
      guardrails: [],
      variants: [
        { name: "control", weight: 1, overrides: control },
        { name: "other", weight: 1, overrides },
      ],
      ...definition,
    },
    ...state,
  };
}

/** A user whom the experiment gives this variant. */
function userOf(variant: string, of: ExperimentState): string {
  const users = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
  const user = users.find((userKey) => plan([of], { userKey }).variants[of.experiment] === variant);
  return user ?? assert.fail(`Nobody gets ${variant}`);
}

function placeOf(of: ExperimentState): number[] {
  return ["control", "other"].map((variant) =>
    plan([of], { userKey: userOf(variant, of) }).exposures![0].fromCandidate
  );
}

Deno.test("a variant's overrides change the plan, and the exposure says who, which and when", () => {
  const brief = experiment({ systemPrompt: "Be brief.", timeouts: { idleMs: 5 } });
  const { systemPrompt, timeouts, variants, exposures } = plan([brief], {
    userKey: userOf("other", brief),
  });
  assert.equal(systemPrompt, "Be brief.");
  assert.deepEqual(timeouts, { firstTokenMs: 15_000, idleMs: 5, totalMs: 300_000 });
  assert.deepEqual(variants, { tone: "other" });
  assert.deepEqual(exposures, [
    { experiment: "tone", phase: 3, variant: "other", unit: "user", fromCandidate: 0 },
  ]);
  const control = plan([brief], { userKey: userOf("control", brief) });
  assert.equal(control.systemPrompt, undefined);
  assert.deepEqual(control.variants, { tone: "control" });
});

Deno.test("another model comes first, other candidates replace the route's, another route all of it", () => {
  const namesOf = (overrides: Overrides) => {
    const state = experiment(overrides);
    const { candidates, retry } = plan([state], { userKey: userOf("other", state) });
    return [...candidates.map(({ model }) => model), retry.attempts];
  };
  assert.deepEqual(namesOf({ model: "large" }), ["large", "small", "spare", 2]);
  assert.deepEqual(namesOf({ model: "spare" }), ["spare", "small", 2]);
  assert.deepEqual(namesOf({ candidates: ["large"] }), ["large", 2]);
  assert.deepEqual(namesOf({ route: "quick" }), ["spare", 1]);
  assert.deepEqual(namesOf({ route: "quick", model: "large" }), ["large", "spare", 1]);
});

Deno.test("variants act where their candidates differ, for control as for the others", () => {
  assert.deepEqual(placeOf(experiment({ candidates: ["small", "large"] })), [1, 1]);
  assert.deepEqual(placeOf(experiment({ candidates: ["large", "small"] })), [0, 0]);
  // Who has one candidate less comes to its last one, and no further.
  assert.deepEqual(placeOf(experiment({ candidates: ["small"] })), [0, 0]);
  assert.deepEqual(placeOf(experiment({ candidates: ["small", "spare", "large"] })), [1, 1]);
});

Deno.test("a turn in which the variants do the same has no part in the experiment", () => {
  const warm = experiment({ parameters: { temperature: 1 } });
  const userKey = userOf("other", warm);
  assert.deepEqual(plan([warm], { userKey }).parameters, { temperature: 1 });
  const fixed = plan([warm], { userKey, parameters: { temperature: 0.2 } });
  assert.deepEqual(fixed.parameters, { temperature: 0.2 });
  assert.deepEqual([fixed.variants, fixed.exposures], [{}, undefined]);
});

Deno.test("all turns of a test of A against A count", () => {
  assert.deepEqual(placeOf(experiment({})), [0, 0]);
});

Deno.test("a turn takes part that asks for the route, from where the experiment is", () => {
  const inApp = experiment({ systemPrompt: "Be brief." }, { client: "app" });
  assert.equal("tone" in plan([inApp]).variants, true);
  assert.deepEqual(plan([inApp], { client: "program" }).variants, {});
  assert.deepEqual(plan([inApp], { asked: "quick" }).variants, {});
  const stopped = experiment({ systemPrompt: "Be brief." }, {}, { status: "stopped" });
  assert.deepEqual(plan([stopped]).variants, {});
  const small = experiment({ systemPrompt: "Be brief." }, {}, { slots: [] });
  assert.deepEqual(plan([small]).variants, {});
});

Deno.test("a user keeps the variant, and a conversation has its own where it is the unit", () => {
  const conversations = Array.from({ length: 20 }, (_, index) => `conversation-${index}`);
  const variantsOf = (unit: "user" | "conversation") =>
    new Set(
      conversations.map((conversationId) =>
        plan([experiment({ systemPrompt: "Be brief." }, { unit })], { conversationId }).variants
          .tone
      ),
    ).size;
  assert.deepEqual([variantsOf("user"), variantsOf("conversation")], [1, 2]);
});

Deno.test("where one variant cannot answer, nobody takes part", () => {
  const paid = experiment({ candidates: ["paid"] });
  const gone = experiment({ model: "removed" });
  for (const state of [paid, gone]) {
    const { candidates, variants } = plan([state]);
    assert.deepEqual(candidates.map(({ model }) => model), ["small", "spare"]);
    assert.deepEqual(variants, {});
  }
});

Deno.test("the winner answers everybody, and other experiments go on from there", () => {
  const ended = experiment(
    { systemPrompt: "Be brief.", parameters: { temperature: 0 } },
    { traffic: 0.01 },
    { status: "ended", winner: "other", slots: [] },
  );
  const running = experiment({ model: "large" }, { name: "size" });
  const { systemPrompt, parameters, candidates, variants } = plan([ended, running], {
    userKey: userOf("other", running),
  });
  assert.deepEqual([systemPrompt, parameters], ["Be brief.", { temperature: 0 }]);
  assert.equal(candidates[0].model, "large");
  assert.deepEqual(variants, { size: "other" });

  const withoutWinner = plan([{ ...ended, winner: null }]);
  assert.equal(withoutWinner.systemPrompt, undefined);
});

Deno.test("of two experiments that say something of the same thing, only the one that holds acts", () => {
  const first = experiment({ systemPrompt: "Be brief." }, { name: "a" });
  const second = experiment({ systemPrompt: "Rhyme." }, {
    name: "b",
    control: { systemPrompt: "Be kind." },
  });
  const { systemPrompt, variants } = plan([first, second]);
  assert.deepEqual(Object.keys(variants), ["b"]);
  assert.equal(systemPrompt, variants.b === "other" ? "Rhyme." : "Be kind.");
});
