/** Workers killed again and again while answers are written: every answer is exact, and goes on soon. */
import assert from "node:assert/strict";
import { heartbeatTimeoutMs } from "../api/heartbeat_timeout.ts";
import { quantile } from "../scripts/bench/measurement.ts";
import { runStorm } from "../scripts/load/storm.ts";
import { startTemporaryStack } from "../scripts/load/temporary_stack.ts";

const tokens = 200;

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
    // A worker is missed within its heartbeat's timeout; the next one then does what the beginning of a turn takes, beside
    // the others that were interrupted. A machine that others use begins turns more slowly, and may go on as slowly.
    const resumedMsMax = 2 * heartbeatTimeoutMs + 5 * quantile(report.begunMs);
    assert(quantile(report.resumedMs) < resumedMsMax, `${resumedMsMax}: ${report.resumedMs}`);
  } finally {
    await stop();
  }
});
