/** How an attempt goes on with the answer that an earlier one began, and what a model is told where it needs words for it. */
import type { GenerationParameters } from "../events/contract/call_settings.ts";
import type { AttemptState, TurnState } from "../events/contract/conversation.ts";
import type {
  Candidate,
  ContinuationPolicy,
  ModelContinuation,
} from "../events/contract/turn_plan.ts";
import { providers } from "./providers/mod.ts";
import type { Provider } from "./providers/provider.ts";
import { Seam } from "./seam.ts";
import { tokensAbout } from "./token_estimate.ts";

/** What is known of the answer so far. */
type Partial = Pick<TurnState, "text" | "reasoning" | "toolCalls" | "request">;

/** An attempt that goes on with what earlier ones have written. */
export interface Continuing {
  by: Exclude<ModelContinuation, "restart">;
  /** What they have thought. */
  reasoning: string;
  /** How many tokens they have written. */
  writtenTokens: number;
}

/**
 * @param policy The route's: `restart` outranks what the model could do.
 * @returns How the candidate continues this answer; `restart` where there is nothing to continue.
 */
export function continuationOf(
  { text, reasoning, toolCalls, request }: Partial,
  candidate: Candidate,
  policy: ContinuationPolicy,
): ModelContinuation {
  // Providers refuse messages that are nothing but white space.
  if (policy === "restart" || text.trim() === "") return "restart";
  // Half a call cannot be continued.
  if (toolCalls !== undefined) return "restart";
  const own = candidate.continuation ?? providers[candidate.kind].continuation(candidate);
  // A server that tells reasoning from text takes what follows the partial text for reasoning again.
  const how = own === "native" && reasoning !== "" ? "instruct" : own;
  // The seam is found by words: in JSON a space that is missing may be none.
  return how === "instruct" && request?.responseFormat ? "restart" : how;
}

/** @returns How many tokens the attempts before the last one have written of the answer that it continues. */
export function writtenTokensOf(attempts: readonly AttemptState[]): number {
  const first = attempts.findLastIndex(({ continues }) => continues === 0);
  return attempts.slice(first, -1).reduce((sum, { usage }) => sum + usage.outputTokens, 0);
}

/** @returns The parameters with what is left of the longest answer that was asked for. */
export function leftOf(
  parameters: GenerationParameters,
  writtenTokens: number,
): GenerationParameters {
  const { maxTokens } = parameters;
  if (maxTokens === undefined) return parameters;
  return { ...parameters, maxTokens: Math.max(maxTokens - writtenTokens, 1) };
}

/** The words with which every such instruction begins. */
export const instructionOpening = "Your answer was cut off.";

/**
 * A provider whose model is told in words to go on: the partial answer stands as its own message before the instruction,
 * and what it repeats of it is left out.
 *
 * @param reasoning What earlier attempts have thought.
 */
export function continuedByInstruction(provider: Provider, reasoning: string): Provider {
  return {
    ...provider,
    async *stream(call) {
      const seam = new Seam(call.partialText);
      const messages = [
        ...call.messages,
        { role: "assistant" as const, content: call.partialText },
        { role: "user" as const, content: instructionOf(seam.anchor) },
      ];
      // What it repeats comes on top of what it may still write.
      const parameters = leftOf(call.parameters, -tokensAbout(seam.anchor));
      let isFirstThought = reasoning !== "";
      try {
        const told = { ...call, messages, parameters, partialText: "" };
        for await (const chunk of provider.stream(told)) {
          if (chunk.type === "text") {
            // Text that is held back is a sign of life all the same, so it is told as none.
            yield { type: "text", text: seam.add(chunk.text) };
          } else if (chunk.type === "reasoning" && isFirstThought) {
            isFirstThought = false;
            yield { type: "reasoning", text: `\n\n${chunk.text}` };
          } else {
            if (chunk.type === "finish") yield { type: "text", text: seam.end() };
            yield chunk;
          }
        }
      } catch (error) {
        yield { type: "text", text: seam.end() };
        throw error;
      }
      yield { type: "text", text: seam.end() };
    },
  };
}

function instructionOf(anchor: string): string {
  return [
    `${instructionOpening} Go on with it exactly where it ends, in the same language and format, so that both parts`,
    "read as one text. Begin by repeating its last words, which stand between the tags below, and then continue. Write",
    "no introduction, no comment, and nothing else of what you have written already. If nothing is missing, write the",
    `last words only.\n\n<last_words>${anchor}</last_words>`,
  ].join(" ");
}
