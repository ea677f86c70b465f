/** What a person has chosen about the app itself; kept in the browser. */
import { effect, signal } from "@preact/signals";
import { recall, remember } from "./storage.js";

/** @typedef {"system" | "light" | "dark"} Theme */

const remembered = recall("preferences", { theme: "system", listOpen: true, model: null });

export const theme = signal(/** @type {Theme} */ (remembered.theme));
/** Whether the list of conversations stands beside the conversation, where there is room for it. */
export const listOpen = signal(/** @type {boolean} */ (remembered.listOpen));
/** The model or route that new messages ask for; null for the default route. */
export const chosenModel = signal(/** @type {string | null} */ (remembered.model));

/** Keeps storage and the page in step with the choices; call it once. */
export function startPreferences() {
  effect(() => {
    const preferences = {
      theme: theme.value,
      listOpen: listOpen.value,
      model: chosenModel.value,
    };
    remember("preferences", preferences);
    const { dataset } = document.documentElement;
    if (preferences.theme === "system") delete dataset.theme;
    else dataset.theme = preferences.theme;
  });
}
