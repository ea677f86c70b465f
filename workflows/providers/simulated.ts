/**
 * The simulated provider: answers at once, without a key, the same for the same message unless told to vary, and fails on
 * request. It lets a person try Turnlog, and the tests try every failure of a provider.
 */
import { z } from "zod";
import { textOf } from "../../events/contract/chat_request.ts";
import type { FailureClass } from "../../events/contract/failure.ts";
import type { Candidate } from "../../events/contract/turn_plan.ts";
import type { FinishReason, Usage } from "../../events/contract/usage.ts";
import { abortable } from "../abortable.ts";
import { type Provider, type ProviderCall, type ProviderChunk, ProviderError } from "./provider.ts";
import { limitAnswer, randomOf, simulateAnswer, splitTokens } from "./simulated_answer.ts";
import { simulateToolCall } from "./simulated_tool_call.ts";
import { readStamps, stampedToken } from "./stamped_answer.ts";

/** The parameters of a simulated model in `turnlog.yaml`. */
const parametersSchema = z.object({
  firstTokenMs: z.number().min(0).default(150),
  tokenMs: z.number().min(0).default(15),
  /** How many tokens to answer with; the answer's own length where it is absent. */
  tokens: z.number().int().min(1).max(100_000).optional(),
  failure: z.enum([
    "none",
    "rate-limited",
    "overloaded",
    "cut",
    "hang",
    "bad-credentials",
    "context-too-long",
    "refused",
  ]).default("none"),
  /** How many of the calls fail, 0 to 1; which ones is decided by turn and attempt. */
  failureRate: z.number().min(0).max(1).default(1),
  /** If given, the first so many attempts of a turn fail, whatever the rate, and no later one. */
  failureCount: z.number().int().min(0).optional(),
  /** After how many tokens of its own a `cut` or `hang` comes. */
  cutAfterTokens: z.number().int().min(0).default(10),
  supportsContinuation: z.boolean().default(true),
  /** Whether each turn gets an answer of its own, so that answers to one message can be compared. */
  varies: z.boolean().default(false),
  /** Whether it answers in few words. */
  brief: z.boolean().default(false),
  /** Says when each token is given in place of an answer, for measurements; `tokens` says how many. */
  stamps: z.boolean().default(false),
});

type Parameters = z.output<typeof parametersSchema>;

export const simulated: Provider = {
  async *stream(call) {
    const parameters = readParameters(call.candidate);
    const sleep = sleepUntilAborted(call.signal);
    const fails = willFail(call, parameters);
    if (fails && isRefusal(parameters.failure)) {
      await sleep(Math.min(parameters.firstTokenMs, 20));
      throw refusal(parameters.failure);
    }
    yield { type: "model", model: call.candidate.requestModel };
    yield* writeAnswer(call, { parameters, fails, sleep });
  },

  continuation: (candidate) =>
    readParameters(candidate).supportsContinuation ? "native" : "restart",
};

async function* writeAnswer(
  call: ProviderCall,
  { parameters, fails, sleep }: { parameters: Parameters; fails: boolean; sleep: Sleep },
): AsyncGenerator<ProviderChunk> {
  const stamped = parameters.stamps ? readStamps(call.partialText)?.length ?? 0 : 0;
  const toolCall = parameters.stamps
    ? null
    : simulateToolCall(call, lastMessage(call), `call_${call.turnId}`);
  const { tokens, isCut }: { tokens: (string | undefined)[]; isCut: boolean } = parameters.stamps
    ? { tokens: new Array((parameters.tokens ?? 0) - stamped).fill(undefined), isCut: false }
    : toolCall
    ? { tokens: splitTokens(toolCall.arguments), isCut: false }
    : remainingTokens(call, parameters);
  const startMs = performance.now() + parameters.firstTokenMs;
  const usage = { ...countInput(call), outputTokens: 0 };
  for (const [index, token] of tokens.entries()) {
    if (fails && index >= parameters.cutAfterTokens) {
      yield { type: "usage", usage };
      return yield* breakOff(parameters, sleep);
    }
    // By the clock, so that late timers do not add up.
    await sleep(startMs + index * parameters.tokenMs - performance.now());
    const text = token ?? stampedToken(stamped + index);
    const { id, name } = index === 0 && toolCall || {};
    yield toolCall
      ? { type: "tool-call", delta: { index: 0, id, name, arguments: text } }
      : { type: "text", text };
    usage.outputTokens++;
  }
  yield { type: "usage", usage };
  const finishReason: FinishReason = toolCall
    ? { unified: "tool-calls", raw: "tool_calls" }
    : isCut
    ? { unified: "length", raw: "length" }
    : { unified: "stop", raw: "stop" };
  yield { type: "finish", finishReason };
}

/** A `cut` ends the stream as a broken connection does: without a finish. A `hang` never ends it. */
// deno-lint-ignore require-yield
async function* breakOff({ failure }: Parameters, sleep: Sleep): AsyncGenerator<never> {
  if (failure === "hang") await sleep(Infinity);
}

function readParameters(candidate: Candidate): Parameters {
  const result = parametersSchema.safeParse(candidate.parameters);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new ProviderError({
    class: "bad-request",
    message: `The simulated model ${candidate.model} has a wrong parameter ${
      path.join(".")
    }: ${message}`,
  });
}

function willFail(call: ProviderCall, { failure, failureRate, failureCount }: Parameters): boolean {
  if (failure === "none") return false;
  if (failureCount !== undefined) return call.attempt <= failureCount;
  return randomOf(`${call.turnId} ${call.attempt}`)() < failureRate;
}

/** @returns What is left of the answer, and whether the longest that was asked for cuts it short. */
function remainingTokens(
  call: ProviderCall,
  { tokens, varies, brief }: Parameters,
): { tokens: string[]; isCut: boolean } {
  // By the turn, so that its attempts can go on with each other's answers.
  const style = { seed: varies ? call.turnId : "", isBrief: brief };
  const answer = simulateAnswer(lastMessage(call), tokens, style).join("");
  // What another model began is not in this answer: then all of it follows.
  const from = answer.startsWith(call.partialText) ? call.partialText.length : 0;
  return limitAnswer(splitTokens(answer.slice(from)), call.parameters);
}

/** What a user said last. */
function lastMessage({ messages }: ProviderCall): string {
  return textOf(messages.findLast(({ role }) => role === "user")?.content ?? "");
}

const refusals = {
  "rate-limited": { class: "rate-limited", status: 429, retryAfterMs: 200 },
  "overloaded": { class: "overloaded", status: 503 },
  "bad-credentials": { class: "bad-credentials", status: 401 },
  "context-too-long": { class: "context-too-long", status: 400 },
  "refused": { class: "refused", status: 400 },
} satisfies Record<string, { class: FailureClass; status: number; retryAfterMs?: number }>;

function isRefusal(failure: Parameters["failure"]): failure is keyof typeof refusals {
  return failure in refusals;
}

function refusal(failure: keyof typeof refusals): ProviderError {
  return new ProviderError({
    ...refusals[failure],
    message: `The simulated provider fails as ${failure}, as its parameters ask`,
  });
}

/** Four characters are about a token of English. */
function countInput(call: ProviderCall): Usage {
  const length = call.messages.reduce((sum, { content }) => sum + textOf(content).length, 0) +
    (call.systemPrompt?.length ?? 0) + call.partialText.length;
  return {
    inputTokens: Math.ceil(length / 4),
    outputTokens: 0,
    cachedTokens: 0,
    reasoningTokens: 0,
  };
}

type Sleep = (ms: number) => Promise<void>;

/** @returns Resolves after so many milliseconds, at once if that is past; rejects when the signal is aborted. */
function sleepUntilAborted(signal: AbortSignal): Sleep {
  const untilAborted = abortable(signal);
  return async (ms) => {
    signal.throwIfAborted();
    if (ms <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
    try {
      await untilAborted(promise);
    } finally {
      clearTimeout(timer);
    }
  };
}
