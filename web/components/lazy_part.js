/** What is fetched when it is first opened, so that the rest starts without it: a place of the app, or a part of one. */
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { messageOf } from "../api.js";

/** @import { ComponentType } from "preact" */

/**
 * @template Route
 * @param {string} name What could not be loaded, in the message that says so.
 * @param {() => Promise<ComponentType<{ route: Route }>>} fetchPage The page is a `main` of its own.
 * @returns {(props: { route: Route }) => ReturnType<typeof html>}
 */
export function lazyPlace(name, fetchPage) {
  return lazyPart(name, fetchPage, (content) => html`<main class="place">${content}</main>`);
}

/**
 * @template Route
 * @param {string} name What could not be loaded, in the message that says so.
 * @param {() => Promise<ComponentType<{ route: Route }>>} fetchPart
 * @param {(content: unknown) => ReturnType<typeof html>} [around] Stands in its place until it is there.
 * @returns {(props: { route: Route }) => ReturnType<typeof html>}
 */
export function lazyPart(name, fetchPart, around = (content) => html`${content}`) {
  const part = signal(/** @type {{ Part: ComponentType<{ route: Route }> } | null} */ (null));
  const error = signal(/** @type {string | null} */ (null));

  async function load() {
    try {
      part.value = { Part: await fetchPart() };
    } catch (cause) {
      error.value = messageOf(cause);
    }
  }

  return ({ route }) => {
    useEffect(() => {
      if (part.value === null) load();
    }, []);
    if (part.value !== null) return html`<${part.value.Part} route=${route} />`;
    return around(
      error.value !== null && html`
        <div class="page-message" role="alert">
          <p>${name} could not be loaded. ${error.value}</p>
          <button type="button" class="button" onClick=${load}>Try again</button>
        </div>
      `,
    );
  };
}
