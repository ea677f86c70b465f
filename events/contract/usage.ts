/** Tokens and money of an attempt or of a whole turn, and the reasons why a model stops. */

/** Tokens as the provider counted them; a provider that does not report a kind counts 0. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  /** The part of `inputTokens` that the provider read from its cache. */
  cachedTokens: number;
  /** The part of `outputTokens` that was spent on reasoning. */
  reasoningTokens: number;
}

export const noUsage: Readonly<Usage> = Object.freeze({
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
});

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

/** Why a model stopped: our word, the same for every provider, beside the provider's own. */
export interface FinishReason {
  /**
   * `stop`: it was done; `length`: the output limit; `tool-calls`: it wants a tool; `stopped`: the user stopped it. A
   * reader takes one that it does not know as `other`.
   *
   * @open
   */
  unified: "stop" | "length" | "tool-calls" | "stopped" | "other";
  raw: string | null;
}
