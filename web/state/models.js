/** The models and routes that may be asked, as the server last described them. */
import { computed, signal } from "@preact/signals";
import { listModels, messageOf } from "../api.js";
import { chosenModel } from "./preferences.js";

/** @import { ModelView } from "../../events/contract/api.ts" */

/** The route that answers where nothing else is chosen. */
export const defaultRoute = "default";

/** Null until they are known. */
export const models = signal(/** @type {ModelView[] | null} */ (null));
export const modelsError = signal(/** @type {string | null} */ (null));

/** The model or route that a new conversation asks; null until the models are known. */
export const currentModel = computed(() => modelNamed([chosenModel.value]));

/**
 * @param {(string | null | undefined)[]} names The first that is known counts, and what answers by default where none is.
 * @returns Null until the models are known.
 */
export function modelNamed(names) {
  const known = models.value ?? [];
  for (const wanted of [...names, defaultRoute]) {
    const model = known.find(({ name }) => name === wanted);
    if (model !== undefined) return model;
  }
  return known[0] ?? null;
}

/** Asks the server again, since keys and servers come and go. What is known stays until it has answered. */
export async function loadModels() {
  try {
    models.value = await listModels();
    modelsError.value = null;
  } catch (error) {
    modelsError.value = messageOf(error);
  }
}

/**
 * @param {readonly ModelView[]} models
 * @returns {ModelView[]} Those that can answer before those that cannot, each in the order of `turnlog.yaml`.
 */
export function availableFirst(models) {
  return models.toSorted((a, b) => Number(b.available) - Number(a.available));
}

/** @param {string} name As in `turnlog.yaml`. */
export function isSimulated(name) {
  return models.value?.some((model) => model.name === name && model.simulated) ?? false;
}
