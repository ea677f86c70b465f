/** Puts those candidates of a plan last that nobody calls just now, so that a turn does not begin with them. */
import { coolingDown, isCoolingDown } from "../events/provider_health/cooling_down.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { Planned } from "./planner.ts";

/**
 * @returns The plan with the candidates that cool down behind the others, in the route's order otherwise, and why the
 * first one is not asked first. A plan whose candidates all cool down stays as it is: who answers next is not known.
 */
export function callableFirst(
  planned: Planned,
  health: Pick<ProviderHealth, "healthOf" | "stateOf">,
): Planned {
  const { candidates } = planned;
  const [callable, cooling] = [false, true].map((cools) =>
    candidates.filter((candidate) => isCoolingDown(candidate, health) === cools)
  );
  if (callable.length === 0 || cooling.length === 0) return planned;
  const passedOver = callable[0] === candidates[0] ? null : coolingDown(candidates[0], health);
  return {
    ...planned,
    candidates: [...callable, ...cooling],
    ...(passedOver && { passedOver: passedOver.failure }),
  };
}
