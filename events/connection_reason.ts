/** Why a server could not be talked to, in words that name no address: users and programs read them. */
import { rootCause } from "./root_cause.ts";

const reasons: [RegExp, string][] = [
  [/refused/i, "its address refused the connection"],
  [/timed? ?out|timeout/i, "it does not answer in time"],
  [/dns|lookup|ENOTFOUND|EAI_AGAIN|name or service/i, "its name is not known"],
  [/certificate|\btls\b|\bssl\b/i, "its certificate is not accepted"],
  [/unreachable/i, "there is no way to its address"],
  [/reset|closed|broken pipe|\bEOF\b|socket hang up/i, "it closed the connection"],
  [/\bJSON\b/i, "its answer cannot be read"],
];

/** @param error What the network, or a package that uses it, threw. */
export function connectionReason(error: unknown): string {
  const cause = rootCause(error);
  return reasons.find(([pattern]) => pattern.test(cause))?.[1] ?? "the connection failed";
}
