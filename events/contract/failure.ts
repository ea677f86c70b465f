/** Why an attempt or a turn failed: one closed list of classes, so that policy and charts never match on messages. */

export const failureClasses = [
  "rate-limited",
  "overloaded",
  "unreachable",
  "timed-out",
  "stalled",
  "cut-off",
  "asleep",
  "context-too-long",
  "refused",
  "bad-credentials",
  "bad-request",
  "interrupted",
  "internal",
] as const;

/**
 * What went wrong, in the order of how transient it is:
 *
 * - `rate-limited`: the provider asks to come back later (HTTP 429)
 * - `overloaded`: the provider cannot answer now (HTTP 5xx, Anthropic's 529)
 * - `unreachable`: no connection to the provider
 * - `timed-out`: no first token within the route's `firstTokenMs`, or the whole attempt beyond `totalMs`
 * - `stalled`: the stream began and then fell silent for longer than `idleMs`
 * - `cut-off`: the stream ended without its proper end
 * - `asleep`: the model's server sleeps, and could not be woken or fell asleep under the call
 * - `context-too-long`: the conversation does not fit the model's context
 * - `refused`: the provider's policy refuses the request
 * - `bad-credentials`: the key is missing, wrong, or not allowed to use the model
 * - `bad-request`: the provider does not accept the request as it was made
 * - `interrupted`: the worker that made the attempt ended in the middle of it
 * - `internal`: Turnlog itself failed
 *
 * Further classes may come: a reader takes one that it does not know as `internal`.
 *
 * @open
 */
export type FailureClass = typeof failureClasses[number];

/** A failure as it stands in events, stream parts and API answers. */
export interface Failure {
  class: FailureClass;
  /** One sentence for a person; never holds a secret. */
  message: string;
  /** The provider's HTTP status, where there was one. */
  status?: number;
  /** How long the provider asked to wait, from its `Retry-After`. */
  retryAfterMs?: number;
  /** The context that was too small, where it is known. */
  contextTokens?: number;
}
