import assert from "node:assert/strict";
import type { TurnPart } from "../events/kafka/delta_message.ts";
import { FirstCalls } from "./first_calls.ts";
import { simulateAnswer } from "./providers/simulated_answer.ts";
import { plan, withDependencies } from "./temporary_dependencies.ts";

/** Runs with first calls, and what they have published. */
function withFirstCalls(
  callsMax: number,
  run: (calls: FirstCalls, published: TurnPart[]) => Promise<void>,
): Promise<void> {
  return withDependencies(
    {},
    (dependencies) =>
      run(
        new FirstCalls(dependencies, { place: { taskQueue: "own" }, callsMax }),
        dependencies.published,
      ),
  );
}

Deno.test("what comes before a turn is acknowledged is shown only then, and whole", () =>
  withFirstCalls(10, async (calls, published) => {
    const call = calls.begin(plan, [])!;
    const started = calls.find("t")!;
    assert.equal((await started.outcome).type, "finished");
    assert.equal(published.length, 0);

    call.show();
    const stream = await started.stream;
    assert.equal(stream!.seal(), 2);
    await new Promise((resolve) => setTimeout(resolve));
    const text = published.map(({ part }) => part.type === "text-delta" ? part.text : "").join("");
    assert.equal(text, simulateAnswer("Hello").join(""));
    started.release();
    assert.equal(calls.find("t"), undefined);
  }));

Deno.test("a call that is abandoned is ended, and shows nothing", () =>
  withFirstCalls(10, async (calls, published) => {
    const slow = { ...plan.candidates[0], parameters: { firstTokenMs: 60_000 } };
    const call = calls.begin({ ...plan, candidates: [slow] }, [])!;
    const started = calls.find("t")!;
    call.abandon();
    assert.equal((await started.outcome).type, "aborted");
    assert.equal(await started.stream, null);
    assert.equal(calls.find("t"), undefined);
    assert.equal(published.length, 0);
  }));

Deno.test("where the provider has no place left, a worker is to wait for one", () =>
  withFirstCalls(10, async (calls) => {
    const limits = { concurrent: 1, queued: 10, queueMs: 1000 };
    const candidates = [{ ...plan.candidates[0], limits }];
    const first = calls.begin({ ...plan, candidates }, [])!;
    assert.equal(calls.begin({ ...plan, candidates, turnId: "t2" }, []), null);
    const { outcome } = calls.find("t")!;
    first.abandon();
    await outcome;
    const next = calls.begin({ ...plan, candidates, turnId: "t2" }, [])!;
    const { outcome: nextOutcome } = calls.find("t2")!;
    next.abandon();
    await nextOutcome;
  }));

Deno.test("beyond their limit calls are left to workers", () =>
  withFirstCalls(1, async (calls) => {
    const call = calls.begin(plan, [])!;
    assert.equal(calls.begin({ ...plan, turnId: "t2" }, []), null);
    call.abandon();
    const next = calls.begin({ ...plan, turnId: "t2" }, [])!;
    next.abandon();
    await calls.find("t2")?.outcome;
  }));

Deno.test("where this process lacks the key, a worker that has it is to call", () =>
  withFirstCalls(10, (calls) => {
    const candidates = [{ ...plan.candidates[0], apiKey: "env:OPENAI_API_KEY" }];
    assert.equal(calls.begin({ ...plan, candidates }, []), null);
    return Promise.resolve();
  }));

Deno.test("the first attempt exposes the turn to the experiments whose variants differ there", () =>
  withFirstCalls(10, async (calls) => {
    const exposed = { phase: 2, variant: "brief", unit: "user" } as const;
    const call = calls.begin({
      ...plan,
      variants: { tone: "brief", spare: "brief" },
      exposures: [
        { ...exposed, experiment: "tone", fromCandidate: 0 },
        { ...exposed, experiment: "spare", fromCandidate: 1 },
      ],
    }, [])!;
    const [started, , ...exposures] = call.events("run-1");
    assert.deepEqual(exposures.map(({ type, data, attempt }) => ({ type, data, attempt })), [
      { type: "variant.exposed", data: { ...exposed, experiment: "tone" }, attempt: 1 },
    ]);
    assert.deepEqual(started.variants, { tone: "brief", spare: "brief" });
    // Another run of the same turn, after a reset, states the same fact.
    assert.equal(call.events("run-2")[2].id, exposures[0].id);
    call.abandon();
    await calls.find("t")?.outcome;
  }));
