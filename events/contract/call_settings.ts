/** How a model is called, whichever it is: what it is to write, and how long it may take. */

/** How a model is to write, in words that every provider kind maps to its own. */
export interface GenerationParameters {
  temperature?: number;
  topP?: number;
  /** The longest answer, in tokens. */
  maxTokens?: number;
  seed?: number;
  /** Texts at which the answer ends. */
  stop?: string[];
}

/** How long an attempt may take. */
export interface Timeouts {
  /** From the call to the first token. */
  firstTokenMs: number;
  /** Between two parts of the stream. */
  idleMs: number;
  /** The whole attempt. */
  totalMs: number;
}
