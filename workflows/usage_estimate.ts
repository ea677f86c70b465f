/** What an answer has cost where its provider did not say: many count at the end alone, which a broken answer never has. */
import { textOf } from "../events/contract/chat_request.ts";
import type { Usage } from "../events/contract/usage.ts";
import { appendText } from "./append_text.ts";
import type { Provider } from "./providers/provider.ts";
import { tokensAbout } from "./token_estimate.ts";

/** The texts of one call. */
export interface Exchange {
  /** What the model was sent. */
  prompt: string[];
  /** What came back, shown or not. */
  text: string;
  reasoning: string;
  /** The names and arguments of the tools that it called. */
  calls: string;
}

/** A provider whose call is written down in `exchange` while it goes on. */
export function recorded(provider: Provider, exchange: Exchange): Provider {
  return {
    ...provider,
    async *stream(call) {
      const { systemPrompt, messages, partialText } = call;
      exchange.prompt = [
        systemPrompt ?? "",
        ...messages.map(({ content }) => textOf(content)),
        partialText,
      ];
      for await (const chunk of provider.stream(call)) {
        if (chunk.type === "text" || chunk.type === "reasoning") {
          exchange[chunk.type] = appendText(exchange[chunk.type], chunk.text);
        }
        if (chunk.type === "tool-call") {
          exchange.calls += (chunk.delta.name ?? "") + chunk.delta.arguments;
        }
        yield chunk;
      }
    },
  };
}

/** @returns The usage with what is missing of it estimated from the texts; as it is where nothing came back. */
export function completeUsage(
  usage: Usage,
  { prompt, text, reasoning, calls }: Exchange,
): { usage: Usage; isUsageEstimated?: true } {
  const isComplete = usage.inputTokens > 0 && usage.outputTokens > 0;
  if (isComplete || text + reasoning + calls === "") return { usage };
  const reasoningTokens = tokensAbout(reasoning);
  return {
    usage: {
      ...usage,
      ...(usage.inputTokens === 0 && {
        inputTokens: prompt.reduce((sum, part) => sum + tokensAbout(part), 0),
      }),
      ...(usage.outputTokens === 0 && {
        outputTokens: tokensAbout(text) + tokensAbout(calls) + reasoningTokens,
        reasoningTokens,
      }),
    },
    isUsageEstimated: true,
  };
}
