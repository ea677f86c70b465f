/** How a model stands by what its server says: whether it can answer, and if not, why not. */
import type { ModelView, ServerProcessState } from "../events/contract/api.ts";
import type { ResolvedProvider } from "./planner.ts";
import type { ServerModels } from "./server_models.ts";

/**
 * @param server Null where the provider has no server of its own to ask.
 * @param process How its process is, where a start of Turnlog runs it.
 * @returns A state, and why the model cannot answer now; a model that sleeps can, as the turn wakes it.
 */
export function modelStateOf(
  provider: ResolvedProvider,
  server: ServerModels | null,
  process: ServerProcessState | undefined,
): Pick<ModelView, "state" | "reason"> {
  if (provider.missing !== null) return { state: null, reason: provider.missing };
  if (server === null) return { state: "awake", reason: null };
  if (!server.reachable) {
    if (process === "stopped") {
      return { state: null, reason: "its server was stopped; an operator can start it" };
    }
    if (process === "failed") {
      return { state: null, reason: "its server could not be run; the start's output tells why" };
    }
    return { state: isComing(server, process) ? "loading" : null, reason: server.reason };
  }
  if (server.state === "failed") {
    return { state: null, reason: `the server is not well: ${server.reason}` };
  }
  if (server.state === "loading") {
    return { state: "loading", reason: `the server is not ready: ${server.reason}` };
  }
  return { state: server.state, reason: null };
}

/** @returns Whether a server that cannot be asked yet answers by itself: it says so, or a start keeps it running. */
export function isComing(
  { isLoading }: Extract<ServerModels, { reachable: false }>,
  process: ServerProcessState | undefined,
): boolean {
  return isLoading || process === "running";
}
