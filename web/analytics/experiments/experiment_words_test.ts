import assert from "node:assert/strict";
import {
  actWords,
  adjustmentWords,
  authorWords,
  formatInterval,
  formatLift,
  formatPValue,
  overrideWords,
} from "./experiment_words.js";

Deno.test("a lift has its sign, and as many digits as it needs", () => {
  assert.deepEqual(
    [0.042, -0.0421, 0.25, 0, 12.5, null].map(formatLift),
    ["+4.2%", "\u22124.2%", "+25%", "0%", "+1,250%", "–"],
  );
  assert.equal(formatInterval({ low: -0.01, high: 0.094 }), "\u22121% to +9.4%");
});

Deno.test("a small p-value is told as small", () => {
  assert.deepEqual([0.0004, 0.05, null].map(formatPValue), ["< 0.001", "0.050", "–"]);
});

Deno.test("a lift that is not that of the means beside it says so", () => {
  assert.equal(adjustmentWords({ headline: "cuped" }), "adjusted (CUPED)");
  assert.equal(adjustmentWords({ headline: "unadjusted" }), null);
});

Deno.test("what a variant changes is told thing by thing", () => {
  assert.deepEqual(
    overrideWords({
      model: "large",
      systemPrompt: "Be brief.",
      parameters: { temperature: 0 },
      timeouts: { idleMs: 5 },
    }),
    ["asks large first", "system prompt: Be brief.", "temperature: 0", "idleMs: 5"],
  );
  assert.deepEqual(overrideWords({}), []);
  assert.deepEqual(
    overrideWords({ systemPrompt: null }),
    ["another system prompt, which operators can read"],
  );
});

Deno.test("what was done is told with who did it", () => {
  const act = { time: "2026-11-24T08:00:00.000Z", phase: 2, by: "session", session: "a1" } as const;
  assert.equal(actWords({ ...act, type: "experiment.ended", winner: "brief" }), "Ended: brief won");
  assert.equal(actWords({ ...act, type: "experiment.ended" }), "Ended without a winner");
  assert.equal(authorWords(act), "an operator, sign-in a1");
});
