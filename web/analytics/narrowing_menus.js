/** The menus that narrow the views of a section to one model, experiment or variant, where a view can be. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { models } from "../state/models.js";
import { experiments, loadExperimentNames, variantsOf } from "./experiment_names.js";
import { narrowings, takes } from "./filter.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter, Narrowing } from "./filter.js"
 */

/** @param {{ filter: Filter, onFilter: (filter: Filter) => void, views: AnalyticsView[] }} props */
export function NarrowingMenus({ filter, onFilter, views }) {
  const taken = narrowings.filter((name) => views.some((view) => takes(view, name)));
  const hasExperiment = taken.includes("experiment");
  useEffect(() => {
    if (hasExperiment) loadExperimentNames();
  }, [hasExperiment]);
  return taken.map((name) =>
    html`
      <${NarrowingMenu}
        key=${name}
        name=${name}
        names=${namesOf(name, filter)}
        filter=${filter}
        onFilter=${onFilter}
      />
    `
  );
}

/** @type {Record<Narrowing, string>} */
const titles = {
  model: "Model",
  experiment: "Experiment",
  variant: "Variant",
  error_class: "Failure",
};

/**
 * @param {Narrowing} name
 * @param {Filter} filter
 * @returns {string[]} What is known to choose from; what is not listed comes with a link.
 */
function namesOf(name, { narrowed }) {
  switch (name) {
    case "model":
      return (models.value ?? []).filter(({ kind }) => kind === "model").map(({ name }) => name);
    case "experiment":
      return experiments.value.map(({ name }) => name);
    case "variant":
      return variantsOf(narrowed.experiment);
    case "error_class":
      return [];
  }
}

/**
 * @param {object} props
 * @param {Narrowing} props.name
 * @param {string[]} props.names What can be chosen.
 * @param {Filter} props.filter
 * @param {(filter: Filter) => void} props.onFilter
 */
function NarrowingMenu({ name, names, filter, onFilter }) {
  const title = titles[name];
  const chosen = filter.narrowed[name];
  if (names.length === 0 && chosen === undefined) return null;
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
          choose: () => onFilter({ ...filter, narrowed: narrow(filter.narrowed, name, choice) }),
        }))}
    >${title}: ${chosen ?? "all"} <${Icon} name="chevron-down" size=${14} /></${Menu}>
  `;
}

/**
 * @param {Filter["narrowed"]} narrowed
 * @param {Narrowing} name
 * @param {string | undefined} choice
 * @returns {Filter["narrowed"]} A variant belongs to its experiment, and goes with it.
 */
function narrow(narrowed, name, choice) {
  const next = { ...narrowed, [name]: choice };
  if (name === "experiment") delete next.variant;
  return next;
}
