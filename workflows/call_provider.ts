/** Calls one candidate with the history of a turn. Knows nothing of Temporal, so that whoever has a turn can call. */
import type { ChatMessage, ChatRequest } from "../events/contract/chat_request.ts";
import type { TurnState } from "../events/contract/conversation.ts";
import type { Failure } from "../events/contract/failure.ts";
import type { DeltaPart } from "../events/contract/stream_part.ts";
import type { Candidate, TurnPlan } from "../events/contract/turn_plan.ts";
import { withinContext } from "./context_limit.ts";
import { continuedByInstruction, type Continuing, leftOf } from "./continuation.ts";
import type { Dependencies } from "./dependencies.ts";
import { guardAgainstSleep } from "./model_manager/sleep_watch.ts";
import { providers } from "./providers/mod.ts";
import { type Answer, type Outcome, streamAnswer } from "./stream_answer.ts";
import { completeUsage, type Exchange, recorded } from "./usage_estimate.ts";

/** The longest message of a failure, in UTF-16 code units. */
const messageLengthMax = 500;

export interface CallInput
  extends ChatRequest, Pick<TurnPlan, "timeouts" | "systemPrompt" | "parameters"> {
  turnId: string;
  candidate: Candidate;
  attempt: number;
  /** What the attempt goes on from; empty where it begins. */
  partialText: string;
  /** How it goes on; absent where it begins. */
  continuing?: Continuing;
}

/** @param answer Filled while the answer comes. */
export async function callProvider(
  resolveKey: Dependencies["resolveKey"],
  { timeouts, continuing, ...input }: CallInput,
  { answer, signal, onDelta }: {
    answer: Answer;
    signal: AbortSignal;
    onDelta: (delta: DeltaPart) => void;
  },
): Promise<Outcome> {
  const { candidate, systemPrompt } = input;
  const apiKey = resolveKey(candidate.apiKey);
  if (lacksKey(candidate, resolveKey)) {
    const variable = candidate.apiKey?.replace(/^env:/, "");
    const message =
      `${candidate.provider} needs a key: set ${variable} for the api and its workers`;
    return { type: "failed", failure: { class: "bad-credentials", message } };
  }
  const awake = guardAgainstSleep(providers[candidate.kind], candidate, resolveKey);
  const exchange: Exchange = { prompt: [], text: "", reasoning: "", calls: "" };
  const provider = recorded(withinContext(awake), exchange);
  const parameters = leftOf(input.parameters, continuing?.writtenTokens ?? 0);
  const outcome = await streamAnswer({
    provider: continuing?.by === "instruct"
      ? continuedByInstruction(provider, continuing.reasoning)
      : provider,
    call: { ...input, systemPrompt, parameters, apiKey, signal },
    timeouts,
    answer,
    onDelta,
  });
  Object.assign(answer, completeUsage(answer.usage, exchange));
  if (outcome.type !== "failed") return outcome;
  return { ...outcome, failure: withoutSecret(outcome.failure, apiKey) };
}

/**
 * What the model is asked: all that a program said with its turn, and for a person's turn the messages before it.
 *
 * @param path The turns from the root of the conversation to the one before.
 * @param turn The one that is to be answered.
 */
export function requestOf(
  path: readonly TurnState[],
  { message, request }: Pick<TurnState, "message" | "request">,
): ChatRequest {
  return request ?? {
    messages: [...path.flatMap(messagesOf), { role: "user", content: message }],
  };
}

function messagesOf(turn: TurnState): ChatMessage[] {
  const message: ChatMessage = { role: "user", content: turn.message };
  if (turn.text === "") return [message];
  return [message, { role: "assistant", content: turn.text }];
}

/** @returns Whether this process cannot call the candidate: a server of one's own, with an address, may do without a key. */
export function lacksKey(
  { apiKey, baseUrl }: Candidate,
  resolveKey: Dependencies["resolveKey"],
): boolean {
  return apiKey !== undefined && baseUrl === undefined && resolveKey(apiKey) === undefined;
}

/** Providers repeat keys in their messages, and some answer with whole pages. */
function withoutSecret(failure: Failure, apiKey: string | undefined): Failure {
  const message = apiKey ? failure.message.replaceAll(apiKey, "[key]") : failure.message;
  return { ...failure, message: message.slice(0, messageLengthMax) };
}
