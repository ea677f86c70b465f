/** Fetches the rows of the shown views when the filter changes, and again and again while the page is looked at. */
import { useEffect } from "preact/hooks";
import { questionOf, refreshSecondsOf } from "./filter.js";
import { rowsOf } from "./view_rows.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter } from "./filter.js"
 */

/**
 * @param {AnalyticsView[]} shown
 * @param {Filter} filter
 * @returns {() => void} Fetches them at once.
 */
export function useRows(shown, filter) {
  const refreshSeconds = refreshSecondsOf(filter);
  const asked = JSON.stringify([shown.map(({ name }) => name), questionOf(filter, 0)]);
  function load() {
    const question = questionOf(filter, Date.now());
    for (const view of shown) rowsOf(view).load(view, question);
  }
  function loadAgain() {
    const question = questionOf(filter, Date.now());
    // A request that is under way goes on: one that always begins anew never tells that there is no answer.
    for (const view of shown) if (!rowsOf(view).isLoading) rowsOf(view).load(view, question);
  }
  useEffect(load, [asked]);
  useEffect(() => {
    if (refreshSeconds === 0) return;
    const timer = setInterval(() => {
      if (!document.hidden) loadAgain();
    }, refreshSeconds * 1000);
    return () => clearInterval(timer);
  }, [asked, refreshSeconds]);
  return load;
}
