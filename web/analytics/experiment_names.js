/** The experiments and their variants, by which views can be narrowed; asked for when a section first needs them. */
import { signal } from "@preact/signals";
import { request } from "../api.js";

/**
 * @import { Page } from "../../events/contract/api.ts"
 * @import { ExperimentView } from "../../events/contract/experiment_view.ts"
 */

/** Empty until they are known. */
export const experiments = signal(/** @type {ExperimentView[]} */ ([]));
let isAsked = false;

export async function loadExperimentNames() {
  if (isAsked) return;
  isAsked = true;
  try {
    const page = /** @type {Page<ExperimentView>} */ (await request("GET", "/api/experiments"));
    experiments.value = page.items;
  } catch {
    // Nothing can be chosen from then, and what the address names is shown all the same.
    isAsked = false;
  }
}

/** @param {string | undefined} experiment */
export function variantsOf(experiment) {
  const found = experiments.value.find(({ name }) => name === experiment);
  return found?.definition.variants.map(({ name }) => name) ?? [];
}
