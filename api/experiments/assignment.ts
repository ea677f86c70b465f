/**
 * Who takes part in an experiment, and by which variant: a hash of the unit, so that it is the same in every process, at
 * any time, without anything being stored. The hash is SHA-256, of which the first 48 bits make a fraction.
 */
import { createHash } from "node:crypto";
import {
  type ExperimentChange,
  type ExperimentDefinition,
  layerSlots,
  type Variant,
} from "../../events/contract/experiment.ts";

/**
 * @param unitKey The user's key or the conversation's id.
 * @returns Null where the unit takes no part.
 */
export function assign(
  { experiment, definition, slots }: Pick<ExperimentChange, "experiment" | "definition" | "slots">,
  unitKey: string,
): Variant | null {
  const slot = slotOf(definition, unitKey);
  if (!slots.some(([from, before]) => from <= slot && slot < before)) return null;
  return variantOf(experiment, definition, unitKey);
}

/** Salted by the layer alone, so that its experiments part its units among them, and layers are independent. */
function slotOf({ layer }: ExperimentDefinition, unitKey: string): number {
  return Math.floor(fractionOf(`layer ${layer}`, unitKey) * layerSlots);
}

/**
 * Each variant draws a lot, and the smallest one wins: lots are exponential, at the rate of the variant's weight, and so
 * a variant wins as often as its weight says. When weights change, no more units change their variant than have to.
 */
function variantOf(experiment: string, { variants }: ExperimentDefinition, unitKey: string) {
  const lots = variants.map(({ name, weight }) =>
    -Math.log(1 - fractionOf(`variant ${experiment} ${name}`, unitKey)) / weight
  );
  return variants[lots.indexOf(Math.min(...lots))];
}

const hashBytes = 6;

/** @returns A number from 0 on, below 1. */
function fractionOf(salt: string, unitKey: string): number {
  const hash = createHash("sha256").update(`${salt}\n${unitKey}`).digest();
  return hash.readUIntBE(0, hashBytes) / 2 ** (8 * hashBytes);
}
