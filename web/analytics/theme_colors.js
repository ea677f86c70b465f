/** The colours of tokens.css as a canvas needs them: resolved for the theme that is on. */
import { computed, signal } from "@preact/signals";
import { theme } from "../state/preferences.js";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(darkSystem.matches);
darkSystem.addEventListener("change", () => isSystemDark.value = darkSystem.matches);

/** The theme that is on. */
export const shownTheme = computed(() =>
  theme.value === "system" ? (isSystemDark.value ? "dark" : "light") : theme.value
);

/**
 * @param {HTMLElement} element Where the colour is to be used.
 * @param {string} name A custom property, such as `--line`.
 */
export function colorOf(element, name) {
  // A property that holds light-dark() is resolved only where it is used as a colour.
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
