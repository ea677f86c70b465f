/** Workers killed again and again while answers are written: every answer is exact, and goes on soon. */
import assert from "node:assert/strict";
import { quantile } from "../scripts/bench/measurement.ts";
import { runStorm } from "../scripts/load/storm.ts";
import { startTemporaryStack } from "../scripts/load/temporary_stack.ts";

const tokens = 200;

/** More than a worker that was killed can be silent, and than another one takes to go on, also where others use the machine. */
const resumedMsMax = 15_000;

const models = `
providers:
  simulated: { kind: simulated }
models:
  storm: { provider: simulated, parameters: { firstTokenMs: 50, tokenMs: 30, tokens: ${tokens} } }
routes:
  default: { candidates: [storm] }
`;

Deno.test("forty turns outlive three kills of workers, word for word", async () => {
  const variables = { TURNLOG_WORKERS: "2", TURNLOG_API_TURNS: "0" };
  const { stack, stop } = await startTemporaryStack({ models, variables });
  try {
    const report = await runStorm({
      stack,
      users: 40,
      kills: 3,
      everyMs: 4000,
      model: "storm",
      tokens,
      log: () => {},
    });
    assert.deepEqual(report.problems, []);
    assert.equal(report.exactAnswers, report.turns);
    assert.equal(report.ingestedEvents, report.storedEvents);
    assert(report.resumedMs.length > 0, "no kill met an answer in the middle");
    assert(quantile(report.resumedMs, 0.5) < resumedMsMax, `${report.resumedMs}`);
  } finally {
    await stop();
  }
});
