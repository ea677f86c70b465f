/** How far a turn has come through the candidates, as far as experiments care. Runs in workflows as well. */
import type { Candidate, PlannedExposure, TurnPlan } from "../events/contract/turn_plan.ts";

/** How far the turn is; filled while it is answered. */
export interface Reached {
  /** Who was asked last. */
  candidate?: Candidate;
  /** What the turn is exposed to by now. */
  exposures?: PlannedExposure[];
}

/** @returns What a turn is exposed to that has come to the candidate at this place; undefined where it is nothing. */
export function exposuresAt(
  { exposures }: Pick<TurnPlan, "exposures">,
  place: number,
): PlannedExposure[] | undefined {
  const reached = exposures?.filter(({ fromCandidate }) => fromCandidate <= place);
  return reached?.length ? reached : undefined;
}
