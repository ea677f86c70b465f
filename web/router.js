/** Keeps the route beside the browser's address: links inside the app change it without loading a page. */
import { signal } from "@preact/signals";
import { parseRoute } from "./route.js";

/** The route that the address names now. */
export const route = signal(/** @type {import("./route.js").Route} */ ({ place: "unknown" }));

/** Begins to follow the address; call it once, before the first render. */
export function startRouter() {
  route.value = parseRoute(location);
  addEventListener("popstate", () => route.value = parseRoute(location));
  document.addEventListener("click", followLink);
}

/**
 * @param {string} address A path of the app, with its search.
 * @param {{ replace?: boolean }} [options] `replace` leaves no entry behind for the Back button.
 */
export function navigate(address, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", address);
  else if (address !== location.pathname + location.search) history.pushState(null, "", address);
  route.value = parseRoute(location);
}

/** @param {MouseEvent} event */
function followLink(event) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target || link.origin !== location.origin) return;
  if (link.hasAttribute("download") || parseRoute(link).place === "unknown") return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}
