/**
 * The table of failures: every class of failure, before the first token, in the middle and at the end, and every way in
 * which it goes on. Whatever happens, the text is exact, attempts and events tell the truth, and nothing that was paid for
 * goes uncounted. All turns run at once, on real engines.
 */
import assert from "node:assert/strict";
import type { AttemptView, TurnView } from "../events/contract/api.ts";
import type { ConversationEvent } from "../events/contract/event.ts";
import { addUsage, noUsage } from "../events/contract/usage.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { type Door, openDoor } from "../scripts/load/door.ts";
import {
  type MockOpenAi,
  type MockRequest,
  promptTokens,
  startMockOpenAi,
} from "../scripts/load/mock_openai.ts";
import { startTemporaryStack, type TemporaryStack } from "../scripts/load/temporary_stack.ts";
import { answerOf, type ReceivedPart, TurnClient } from "../scripts/load/turn_client.ts";
import { isTransient, reactionTo } from "../workflows/failure_policy.ts";
import { simulateAnswer } from "../workflows/providers/simulated_answer.ts";
import {
  type Case,
  cases,
  configurationOf,
  namesOf,
  price,
  tokens,
} from "./failure_table/cases.ts";

/** What became of one case. */
interface Outcome {
  turn: TurnView;
  parts: ReceivedPart[];
  events: ConversationEvent[];
  /** Those that the provider has seen, or that were shut out, in their order. */
  requests: (MockRequest | null)[];
}

let mock: MockOpenAi;
let door: Door;
let stack: TemporaryStack;
const outcomes: Outcome[] = [];

Deno.test.beforeAll(async () => {
  const requests = cases.map((): Outcome["requests"] => []);
  const recovered = cases.map(() => false);
  const fails = (endpoint: string) => {
    const [who, index] = endpoint.split("-");
    const { recovery } = cases[Number(index)];
    if (recovery === "same") return requests[Number(index)].length === 0;
    return recovery === "next" ? who === "first" : !recovered[Number(index)];
  };
  mock = startMockOpenAi();
  mock.behave((request) => {
    const index = Number(request.endpoint.split("-")[1]);
    const isFailing = fails(request.endpoint) && !cases[index].isShut;
    requests[index].push(request);
    return { tokens, ...(isFailing && cases[index].behaviour) };
  });
  door = openDoor(mock.url, (path) => {
    const endpoint = path.split("/")[1];
    const isShut = fails(endpoint);
    if (isShut) requests[Number(endpoint.split("-")[1])].push(null);
    return isShut;
  });
  stack = await startTemporaryStack({ models: configurationOf(mock.url, door.url) });
  const client = await TurnClient.connect(stack.stack.url);
  const turns = await Promise.all(
    cases.map(async ({ recovery }, index) => {
      const { turnId } = await client.ask({
        text: questionOf(index),
        model: namesOf(index).route,
      });
      const parts: ReceivedPart[] = [];
      for await (const part of client.parts(turnId)) {
        parts.push(part);
        if (recovery === "down" && part.part.type === "waiting") recovered[index] = true;
      }
      return { turn: await client.turn(turnId), parts };
    }),
  );
  const events = await storedEvents();
  turns.forEach(({ turn, parts }, index) =>
    outcomes.push({ turn, parts, events: events.get(turn.id)!, requests: requests[index] })
  );
});

Deno.test.afterAll(async () => {
  await stack.stop();
  door.close();
  await mock.close();
});

function questionOf(index: number): string {
  return `Case ${index}: ${cases[index].name}`;
}

async function storedEvents(): Promise<Map<string, ConversationEvent[]>> {
  const store = openSqliteStore(`${stack.stack.settings.TURNLOG_DATA}/turnlog.db`);
  const stored = await store.eventsAfter(0, 100_000);
  await store.close();
  const events: ConversationEvent[] = stored.map(({ body }) => JSON.parse(body));
  return Map.groupBy(events.filter(({ turnId }) => turnId), ({ turnId }) => turnId!);
}

/** Checks every case, and tells all that are wrong at once. */
function forEachCase(check: (current: Case, outcome: Outcome, index: number) => void): void {
  assert.equal(outcomes.length, cases.length);
  const problems = cases.flatMap((current, index) => {
    try {
      check(current, outcomes[index], index);
      return [];
    } catch (error) {
      return [`${current.name}: ${error instanceof Error ? error.message : error}`];
    }
  });
  assert.deepEqual(problems, []);
}

/** Whether the answer comes in the end: a class that does not pass is answered by the next candidate alone, if by anyone. */
function isAnswered({ class: failureClass, recovery }: Case): boolean {
  if (failureClass === null) return true;
  const failure = { class: failureClass, message: "" };
  if (isTransient(failure)) return true;
  return recovery === "next" && reactionTo(failure) !== "give-up";
}

/** The attempts that fail and the one that does not, as model and class. */
function expectedAttempts(current: Case, index: number): [string, string | undefined][] {
  const { first, second } = namesOf(index);
  const { class: failureClass, recovery } = current;
  if (failureClass === null) return [[first, undefined]];
  const failure = { class: failureClass, message: "" };
  const reaction = reactionTo(failure);
  if (reaction === "retry") {
    switch (recovery) {
      case "same":
        return [[first, failureClass], [first, undefined]];
      case "next":
        return [[first, failureClass], [first, failureClass], [second, undefined]];
      case "down":
        return [[first, failureClass], [second, failureClass], [first, undefined]];
    }
  }
  if (reaction === "give-up" || recovery === "same") return [[first, failureClass]];
  return [[first, failureClass], [second, recovery === "next" ? undefined : failureClass]];
}

Deno.test("the text is exact, word for word, in the store and in the stream", () => {
  forEachCase((current, { turn, parts }, index) => {
    const whole = simulateAnswer(questionOf(index), tokens).join("");
    assert.equal(turn.status, isAnswered(current) ? "completed" : "failed");
    if (isAnswered(current)) assert.equal(turn.text, whole);
    else assert(whole.startsWith(turn.text), turn.text);
    const shown = answerOf(parts);
    assert.equal(shown.text, turn.text);
    const continued = turn.attempts.filter(({ continues }) => continues > 0);
    assert.deepEqual(shown.seams, [...new Set(continued.map(({ continues }) => continues))]);
  });
});

Deno.test("attempts tell who was asked, how that ended, and why there was another one", () => {
  forEachCase((current, { turn, requests }, index) => {
    const told = turn.attempts.map(({ model, error }) => [model, error?.class]);
    assert.deepEqual(told, expectedAttempts(current, index));
    assert.equal(requests.length, turn.attempts.length, "an attempt is a call");
    turn.attempts.forEach((attempt, number) => {
      assert.deepEqual(attempt.reason, turn.attempts[number - 1]?.error ?? null);
      assert.equal(attempt.isFallback, attempt.model !== namesOf(index).first);
      assert.equal(attempt.continues, textBefore(turn.attempts, number).length);
      const hasToken = (requests[number]?.sentMs.length ?? 0) > 0;
      if (current.phase === "before") assert.equal(attempt.timeToFirstTokenMs !== null, hasToken);
    });
    if (!isAnswered(current)) assert.equal(turn.error?.class, current.class);
  });
});

/** Everything that the attempts before this one have written: each continues all of it. */
function textBefore(attempts: AttemptView[], number: number): string {
  return attempts.slice(0, number).map(({ text }) => text).join("");
}

Deno.test("the events are the turn's story, in its order, with a wait where all were down", () => {
  forEachCase((current, { turn, events }) => {
    const attempts = turn.attempts.map(({ error }) => [
      "attempt.started",
      error ? "attempt.failed" : "attempt.completed",
    ]);
    const waits = current.recovery === "down" && current.class !== null && isAnswered(current);
    if (waits) attempts.splice(2, 0, ["turn.waiting"]);
    assert.deepEqual(events.map(({ type }) => type), [
      "message.sent",
      "turn.started",
      ...attempts.flat(),
      isAnswered(current) ? "turn.completed" : "turn.failed",
    ]);
    const waiting = events.find(({ type }) => type === "turn.waiting");
    if (waiting?.type === "turn.waiting") assert.equal(waiting.data.reason.class, current.class);
  });
});

Deno.test("usage and cost count every attempt, by the provider's count or by an estimate that is said to be one", () => {
  forEachCase((current, { turn, events, requests }) => {
    const ends = events.flatMap((event) =>
      event.type === "attempt.completed" || event.type === "attempt.failed" ? [event.data] : []
    );
    ends.forEach(({ usage, isUsageEstimated, costUsd, text }, number) => {
      const sent = requests[number]?.sentMs.length ?? 0;
      if (isUsageEstimated) {
        assert(current.continuation === "instruct", "vLLM counts as it goes");
        assert(usage.inputTokens > 0 && usage.outputTokens > 0, "it costs something");
      } else {
        const isCounted = sent > 0 || text !== "" || requests[number]?.sentMs.length === 0 &&
            usage.inputTokens > 0;
        assert.equal(usage.outputTokens, sent);
        assert.equal(usage.inputTokens, isCounted ? promptTokens : 0);
      }
      const expected = (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1e6;
      assert(Math.abs(costUsd - expected) < 1e-9, `${costUsd} is not ${expected}`);
    });
    const total = ends.reduce((sum, { usage }) => addUsage(sum, usage), noUsage);
    assert.deepEqual(turn.usage, total);
    assert(Math.abs(turn.costUsd - ends.reduce((sum, { costUsd }) => sum + costUsd, 0)) < 1e-9);
  });
});
