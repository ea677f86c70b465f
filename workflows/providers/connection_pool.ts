/** The connections to one endpoint: kept so that the next call need not make one, and not for longer than they are good. */
import type { Candidate } from "../../events/contract/turn_plan.ts";

/** Connections that are kept while nothing is said on them; more are made when more calls are under way. */
export const idleMax = 64;
/** vLLM's server closes a connection that is idle for 5 s, and a request that is on its way then is lost. */
const ownServerIdleMs = 4000;
/** Far away a new connection costs a few round trips. */
const vendorIdleMs = 60_000;

/** @returns What the vendors' packages take as `fetchOptions`: a pool of its own for each client of theirs. */
export function connectionPool({ baseUrl }: Pick<Candidate, "baseUrl">): {
  client: Deno.HttpClient;
} {
  return {
    client: Deno.createHttpClient({
      poolMaxIdlePerHost: idleMax,
      poolIdleTimeout: baseUrl === undefined ? vendorIdleMs : ownServerIdleMs,
    }),
  };
}
