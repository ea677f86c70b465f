/** Fails a call that cannot fit the model's context before it is made: the provider would refuse it, only later. */
import { textOf } from "../events/contract/chat_request.ts";
import { type Provider, type ProviderCall, ProviderError } from "./providers/provider.ts";
import { tokensAtLeast } from "./token_estimate.ts";

/** Shorter conversations, in UTF-16 code units, fit every model that is in use: no server is asked for its context. */
const lengthAsked = 512;

/** A provider that takes no call beyond the candidate's context, as far as that is known. */
export function withinContext(provider: Provider): Provider {
  return {
    ...provider,
    async *stream(call) {
      const { candidate } = call;
      const texts = textsOf(call);
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      const contextTokens = candidate.contextTokens ??
        (length > lengthAsked ? await provider.contextTokens?.(call) : undefined);
      if (contextTokens !== undefined) requireRoom(call, texts, length, contextTokens);
      try {
        yield* provider.stream(call);
      } catch (error) {
        const isTooLong = error instanceof ProviderError &&
          error.failure.class === "context-too-long";
        if (!isTooLong || contextTokens === undefined) throw error;
        throw new ProviderError({ ...error.failure, contextTokens }, { cause: error });
      }
    },
  };
}

/** @throws ProviderError where the conversation has more tokens than the context. */
function requireRoom(
  { candidate, parameters }: ProviderCall,
  texts: string[],
  length: number,
  contextTokens: number,
): void {
  // What was asked for has to fit beside the conversation; at least one token has to be written.
  const answerTokens = parameters.maxTokens ?? 1;
  // A token has at least one character.
  if (length + answerTokens <= contextTokens) return;
  const tokens = texts.reduce((sum, text) => sum + tokensAtLeast(text), 0);
  if (tokens + answerTokens <= contextTokens) return;
  throw new ProviderError({
    class: "context-too-long",
    message: `The conversation has ${tokens} tokens at least and asks for ${answerTokens} more; ` +
      `${candidate.model} takes ${contextTokens}`,
    contextTokens,
  });
}

function textsOf({ systemPrompt, messages, partialText }: ProviderCall): string[] {
  return [systemPrompt ?? "", ...messages.map(({ content }) => textOf(content)), partialText];
}
