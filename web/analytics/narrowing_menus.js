/** The menus that narrow the views of a section to one model, experiment or variant, where a view can be. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { models } from "../state/models.js";
import { takes } from "./filter.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter, Narrowing } from "./filter.js"
 */

/** @param {{ filter: Filter, onFilter: (filter: Filter) => void, views: AnalyticsView[] }} props */
export function NarrowingMenus({ filter, onFilter, views }) {
  if (!views.some((view) => takes(view, "model"))) return null;
  const names = (models.value ?? []).filter(({ kind }) => kind === "model").map(({ name }) => name);
  return html`
    <${NarrowingMenu} name="model" title="Model" names=${names} filter=${filter} onFilter=${onFilter} />
  `;
}

/**
 * @param {object} props
 * @param {Narrowing} props.name
 * @param {string} props.title
 * @param {string[]} props.names What can be chosen.
 * @param {Filter} props.filter
 * @param {(filter: Filter) => void} props.onFilter
 */
function NarrowingMenu({ name, title, names, filter, onFilter }) {
  const chosen = filter.narrowed[name];
  // What the address names can be chosen, though it may not be there any more.
  const all = chosen === undefined ? names : [...new Set([...names, chosen])];
  const choices = [undefined, ...all.toSorted((a, b) => a.localeCompare(b, "en"))];
  return html`
    <${Menu}
      label=${`${title}: ${chosen ?? "all"}`}
      buttonClass="model-button ${chosen === undefined ? "" : "chosen"}"
      items=${() =>
        choices.map((choice) => ({
          key: choice ?? "",
          label: choice ?? "All",
          content: choice ?? "All",
          checked: choice === chosen,
          choose: () => onFilter({ ...filter, narrowed: { ...filter.narrowed, [name]: choice } }),
        }))}
    >${title}: ${chosen ?? "all"} <${Icon} name="chevron-down" size=${14} /></${Menu}>
  `;
}
