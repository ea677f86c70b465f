/** What it means that the way to a provider broke, which every provider reached over HTTP has in common. */
import { connectionReason } from "../../events/connection_reason.ts";
import { ProviderError } from "./provider.ts";

/**
 * @param provider Its name in `turnlog.yaml`.
 * @param error What the network, or the package that uses it, threw.
 * @param begun Whether the answer had begun.
 */
export function connectionFailure(provider: string, error: unknown, begun: boolean): ProviderError {
  return begun
    ? new ProviderError({
      class: "cut-off",
      message: `The connection to ${provider} broke in the middle of the answer`,
    }, { cause: error })
    : new ProviderError({
      class: "unreachable",
      message: `${provider} cannot be reached: ${connectionReason(error)}`,
    }, { cause: error });
}
