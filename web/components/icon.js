/** Icons of the Lucide set, inline, each fetched from its package's file when it is first shown. */
import { html } from "htm/preact";
import { signal } from "@preact/signals";

/** What stands inside of an icon's `<svg>`, by its name. @type {Map<string, import("@preact/signals").Signal<string>>} */
const shapes = new Map();

/**
 * A decoration: what it stands beside, or the control around it, has the words.
 *
 * @param {{ name: string, size?: number }} props The name of a file under `/vendor/icons/`; the size in pixels.
 */
export function Icon({ name, size = 16 }) {
  const shape = shapes.get(name) ?? load(name);
  return html`
    <svg
      class="icon"
      aria-hidden="true"
      width=${size}
      height=${size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      dangerouslySetInnerHTML=${{ __html: shape.value }}
    />
  `;
}

/** @param {string[]} names Icons that must be there when they are needed: at once, or when the server is not. */
export function preloadIcons(...names) {
  for (const name of names) if (!shapes.has(name)) load(name);
}

/** @param {string} name */
function load(name) {
  const shape = signal("");
  shapes.set(name, shape);
  fetchShape(name).then((text) => shape.value = text, () => shapes.delete(name));
  return shape;
}

/** @param {string} name */
async function fetchShape(name) {
  const response = await fetch(`/vendor/icons/${name}.svg`);
  if (!response.ok) throw new Error(`There is no icon ${name}: add it to web/vendor.json`);
  const file = new DOMParser().parseFromString(await response.text(), "image/svg+xml");
  return file.documentElement.innerHTML;
}
