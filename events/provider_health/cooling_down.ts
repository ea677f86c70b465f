/** Whether a candidate can be called at all just now, in words for those who wait for it. */
import { endpointsOf } from "../contract/endpoint.ts";
import type { Failure } from "../contract/failure.ts";
import type { Candidate } from "../contract/turn_plan.ts";
import type { ProviderHealth } from "./provider_health.ts";

/** When to ask again for an endpoint that is being tried out, and at the least. */
const probeRetryMs = 1000;
const retryMsMin = 250;
/** The longest message of a failure that is repeated, in UTF-16 code units. */
const messageLengthMax = 200;

type Callee = Pick<Candidate, "provider" | "kind" | "baseUrl" | "baseUrls">;

/** @returns Whether all endpoints of the candidate are left alone just now. */
export function isCoolingDown(callee: Callee, health: Pick<ProviderHealth, "stateOf">): boolean {
  const { provider } = callee;
  const endpoints = endpointsOf(callee);
  return endpoints.length > 0 &&
    endpoints.every((endpoint) => health.stateOf({ provider, endpoint }) === "open");
}

/**
 * @returns Until when none of the candidate's endpoints is called as usual, and why; null where one is, or there is none.
 */
export function coolingDown(
  callee: Callee,
  health: Pick<ProviderHealth, "healthOf">,
): { untilMs: number; failure: Failure } | null {
  const { provider } = callee;
  const all = endpointsOf(callee).map((endpoint) => health.healthOf({ provider, endpoint }));
  const cooling = all.flatMap(({ failures, coolDown }) =>
    coolDown ? [{ failures, ...coolDown }] : []
  );
  if (cooling.length === 0 || cooling.length < all.length) return null;
  const [{ failures, untilMs, reason }] = cooling.sort((a, b) => a.untilMs - b.untilMs);
  const why = failures === 1 ? "its last call failed" : `its last ${failures} calls failed`;
  const untilSecond = new Date(untilMs).toISOString().slice(11, 19);
  const leftMs = untilMs - Date.now();
  const failure: Failure = {
    class: reason.class,
    message: `${provider} is not called until ${untilSecond} UTC, as ${why}: ` +
      reason.message.slice(0, messageLengthMax),
    retryAfterMs: leftMs <= 0 ? probeRetryMs : Math.max(leftMs, retryMsMin),
  };
  return { untilMs, failure };
}
