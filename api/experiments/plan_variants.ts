/**
 * Makes the plan of a turn that takes part in experiments, and finds where in it their variants differ: only a turn that
 * comes so far has had anything to do with an experiment. Pure: it decides by what it is given.
 */
import { isDeepStrictEqual } from "node:util";
import type { GenerationParameters } from "../../events/contract/call_settings.ts";
import type { ExperimentDefinition, Overrides, Variant } from "../../events/contract/experiment.ts";
import type { ExperimentState } from "../../events/contract/experiment_state.ts";
import type { TurnPlan } from "../../events/contract/turn_plan.ts";
import { PlanError, type Planned } from "../planner.ts";
import { assign } from "./assignment.ts";

/** What decides whether and how a turn takes part. */
export interface AskedTurn {
  /** The route or model that it asks for. */
  asked: string;
  client: "app" | "program";
  userKey: string;
  conversationId: string;
  /** What the user asks for, which outranks a variant's. */
  parameters: GenerationParameters;
}

type VariantPlan = Planned & Pick<TurnPlan, "parameters" | "variants" | "exposures">;

/** An experiment that the turn takes part in. */
interface Assigned {
  state: ExperimentState;
  variant: Variant;
}

/**
 * @param experiments Those that stand in the file.
 * @param plan Plans the turn under overrides.
 * @throws PlanError where nobody can answer.
 */
export function planVariants(
  turn: AskedTurn,
  experiments: readonly ExperimentState[],
  plan: (overrides: Overrides) => Planned,
): VariantPlan {
  const concerned = experiments.filter(({ definition }) => concerns(definition, turn));
  const winners = concerned.flatMap(winningOverrides);
  const planOf = (variants: readonly Variant[]) => {
    const overrides = merge([...winners, ...variants.map(({ overrides }) => overrides)]);
    return { ...plan(overrides), parameters: { ...overrides.parameters, ...turn.parameters } };
  };
  const assigned = concerned.flatMap((state) => assignmentOf(state, turn))
    // Where one of its variants cannot answer, nobody takes part: the others would be compared with less than all.
    .filter(({ state }) => state.definition.variants.every((variant) => canPlan(planOf, variant)));
  const variants = assigned.map(({ variant }) => variant);
  const planned = planOf(variants);
  const exposures = assigned.flatMap(({ state, variant }, index) => {
    const { experiment, phase, definition } = state;
    const fromCandidate = isSameForAll(definition) ? 0 : Math.min(
      ...definition.variants.filter((other) => other !== variant)
        .map((other) => placeOfDifference(planned, planOf(variants.with(index, other)))),
    );
    if (fromCandidate === Infinity) return [];
    return [{ experiment, phase, variant: variant.name, unit: definition.unit, fromCandidate }];
  });
  return {
    ...planned,
    variants: Object.fromEntries(exposures.map(({ experiment, variant }) => [experiment, variant])),
    ...(exposures.length > 0 && { exposures }),
  };
}

function concerns({ route, client }: ExperimentDefinition, turn: AskedTurn): boolean {
  return route === turn.asked && (client === undefined || client === turn.client);
}

/** The winner answers all whom the experiment concerned, whatever share of them took part. */
function winningOverrides({ definition, winner }: ExperimentState): Overrides[] {
  return definition.variants.filter(({ name }) => name === winner).map(({ overrides }) =>
    overrides
  );
}

function assignmentOf(
  state: ExperimentState,
  { userKey, conversationId }: AskedTurn,
): Assigned[] {
  if (state.status !== "running") return [];
  const variant = assign(state, state.definition.unit === "user" ? userKey : conversationId);
  return variant === null ? [] : [{ state, variant }];
}

function canPlan(planOf: (variants: readonly Variant[]) => unknown, variant: Variant): boolean {
  try {
    planOf([variant]);
    return true;
  } catch (error) {
    if (error instanceof PlanError) return false;
    throw error;
  }
}

/** Of two that say something of the same thing, the one whose experiment comes later by its name holds. */
function merge(all: readonly Overrides[]): Overrides {
  return all.reduce((merged, overrides) => ({
    ...merged,
    ...overrides,
    parameters: { ...merged.parameters, ...overrides.parameters },
    timeouts: { ...merged.timeouts, ...overrides.timeouts },
  }), {});
}

/** An A/A test, which differs nowhere: all of its turns are counted. */
function isSameForAll({ variants: [first, ...others] }: ExperimentDefinition): boolean {
  return others.every(({ overrides }) => isDeepStrictEqual(overrides, first.overrides));
}

type Comparable = Planned & Pick<TurnPlan, "parameters">;

/** @returns The place of the first candidate that is another one, or is called otherwise; `Infinity` where there is none. */
function placeOfDifference(
  { candidates, passedOver: _, ...settings }: Comparable,
  { candidates: others, passedOver: __, ...otherSettings }: Comparable,
): number {
  if (!isDeepStrictEqual(settings, otherSettings)) return 0;
  const length = Math.min(candidates.length, others.length);
  const place = candidates.findIndex((each, index) => !isDeepStrictEqual(each, others[index]));
  if (place === -1 && candidates.length === others.length) return Infinity;
  // Where the one has no candidate any more, the other has: the last one that both have is where both come to.
  return place === -1 || place >= length ? length - 1 : place;
}
