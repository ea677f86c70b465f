/** What an answer has cost where its provider did not say: many count at the end alone, which a broken answer never has. */
import type { Usage } from "../events/contract/usage.ts";
import type { Answer } from "./stream_answer.ts";
import { tokensAbout } from "./token_estimate.ts";

/**
 * @param prompt The texts that the model was sent.
 * @returns The usage with what is missing of it estimated from the texts; as it is where nothing was written.
 */
export function completeUsage(
  { usage, text, reasoning }: Pick<Answer, "usage" | "text" | "reasoning">,
  prompt: () => readonly string[],
): { usage: Usage; isUsageEstimated?: true } {
  const isComplete = usage.inputTokens > 0 && usage.outputTokens > 0;
  if (isComplete || text + reasoning === "") return { usage };
  const reasoningTokens = tokensAbout(reasoning);
  return {
    usage: {
      ...usage,
      ...(usage.inputTokens === 0 && {
        inputTokens: prompt().reduce((sum, part) => sum + tokensAbout(part), 0),
      }),
      ...(usage.outputTokens === 0 && {
        outputTokens: tokensAbout(text) + reasoningTokens,
        reasoningTokens,
      }),
    },
    isUsageEstimated: true,
  };
}
