/** Every failing answer of `fixtures/` gets its class, by the way that a turn's call takes. */
import assert from "node:assert/strict";
import type { FailureClass } from "../../events/contract/failure.ts";
import { emptyAnswer, streamAnswer } from "../stream_answer.ts";
import { type Recorded, withRecorded } from "./fixture_server.ts";
import { providers } from "./mod.ts";

interface FailingAnswer extends Required<Recorded> {
  what: string;
  class: FailureClass;
  retryAfterMs?: number;
  /** What was written before. */
  text?: string;
}

const timeouts = { firstTokenMs: 5000, idleMs: 5000, totalMs: 5000 };

for (
  const [server, kind, count] of [
    ["vllm", "openai", 12],
    ["openai", "openai", 22],
    ["anthropic", "anthropic", 17],
  ] as const
) {
  Deno.test(`each failing answer of ${server} has its class, and what came before it is kept`, async () => {
    const file = new URL(`fixtures/${server}_failures.json`, import.meta.url);
    const { answers }: { answers: FailingAnswer[] } = JSON.parse(await Deno.readTextFile(file));
    assert.equal(answers.length, count);
    for (const recorded of answers) {
      await withRecorded(kind, recorded, async (call) => {
        const answer = emptyAnswer();
        const provider = providers[kind];
        const outcome = await streamAnswer({ provider, call, timeouts, answer, onDelta() {} });
        assert(outcome.type === "failed", recorded.what);
        const { failure } = outcome;
        assert.equal(failure.class, recorded.class, recorded.what);
        assert.equal(failure.retryAfterMs, recorded.retryAfterMs, recorded.what);
        assert.equal(failure.status, recorded.status === 200 ? undefined : recorded.status);
        if (recorded.text !== undefined) assert.equal(answer.text, recorded.text, recorded.what);
      });
    }
  });
}
