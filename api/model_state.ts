/** How a model stands by what its server says: whether it can answer, and if not, why not. */
import type { ModelView } from "../events/contract/api.ts";
import type { ResolvedProvider } from "./planner.ts";
import type { ServerModels } from "./server_models.ts";

/**
 * @param server Null where the provider has no server of its own to ask.
 * @returns A state, and why the model cannot answer now; a model that sleeps can, as the turn wakes it.
 */
export function modelStateOf(
  provider: ResolvedProvider,
  server: ServerModels | null,
): Pick<ModelView, "state" | "reason"> {
  if (provider.missing !== null) return { state: null, reason: provider.missing };
  if (server === null) return { state: "awake", reason: null };
  if (!server.reachable) {
    // A start keeps it running: it comes, or its log tells why not.
    const isLoading = server.isLoading || provider.isServedHere;
    return { state: isLoading ? "loading" : null, reason: server.reason };
  }
  if (server.state === "failed") {
    return { state: null, reason: `the server is not well: ${server.reason}` };
  }
  if (server.state === "loading") {
    return { state: "loading", reason: `the server is not ready: ${server.reason}` };
  }
  return { state: server.state, reason: null };
}
