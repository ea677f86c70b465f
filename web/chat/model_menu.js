/** The menu of models and routes: what each is, whether it can answer, and why not. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { formatCompact, formatCost, formatWait } from "../format.js";
import { availableFirst, loadModels, models, modelsError } from "../state/models.js";

/**
 * @import { ModelView } from "../../events/contract/api.ts"
 * @import { MenuItem } from "../components/menu.js"
 */

/**
 * @param {object} props
 * @param {string} props.label The button's name.
 * @param {string | null} props.current The name that is chosen; null where nothing is.
 * @param {(name: string) => void} props.onChoose
 * @param {string} [props.buttonClass]
 * @param {unknown} props.children What the button shows.
 */
export function ModelMenu({ label, current, onChoose, buttonClass, children }) {
  const footer = modelsError.value ??
    (models.value === null ? "Asking which models there are…" : null);
  return html`
    <${Menu}
      label=${label}
      buttonClass=${buttonClass}
      menuClass="model-menu"
      items=${() => itemsOf(models.value ?? [], current, onChoose)}
      footer=${footer}
      onOpen=${loadModels}
    >${children}</${Menu}>
  `;
}

/**
 * @param {ModelView[]} models
 * @param {string | null} current
 * @param {(name: string) => void} onChoose
 * @returns {MenuItem[]}
 */
function itemsOf(models, current, onChoose) {
  const routes = models.filter(({ kind }) => kind === "route");
  const single = models.filter(({ kind }) => kind === "model");
  return [routes, single].flatMap((group, place) =>
    availableFirst(group).map((model, index) => ({
      key: model.name,
      label: model.available ? model.name : `${model.name}, not available`,
      content: content(model, model.name === current),
      checked: model.name === current,
      disabled: !model.available,
      heading: index > 0 ? undefined : ["Routes try one model after the other", "Models"][place],
      choose: () => onChoose(model.name),
    }))
  );
}

/**
 * @param {ModelView} model
 * @param {boolean} isChecked
 */
function content(model, isChecked) {
  return html`
    <span class="model-check">${isChecked && html`<${Icon} name="check" />`}</span>
    <span class="model-words">
      <span class="model-name">
        ${model.name}
        ${model.simulated && html`<span class="badge">Simulated</span>`}
        ${!model.available && html`<span class="badge warning">Not available</span>`}
      </span>
      <span class="model-facts">${model.available ? factsOf(model) : model.reason}</span>
    </span>
  `;
}

const stateWords = {
  "awake": null,
  "asleep": "asleep: the first answer takes longer",
  "loading": "loading",
  "cooling-down": "cooling down after failures",
};

/**
 * @param {ModelView} model
 * @returns {string | null} Null where it is as it should be.
 */
function stateOf({ state, coolingDown }) {
  const words = state && stateWords[state];
  if (!coolingDown) return words;
  return `${words}, tried again in ${formatWait(Date.parse(coolingDown.until) - Date.now())}`;
}

/** @param {ModelView} model */
function factsOf(model) {
  if (model.kind === "route") {
    return [model.candidates.join(" → "), stateOf(model)].filter(Boolean).join(" · ");
  }
  const { requestModel, name, contextTokens, price } = model;
  return [
    requestModel !== name && requestModel,
    contextTokens !== null && `${formatCompact(contextTokens)} tokens of context`,
    price && `${formatCost(price.input)} in, ${formatCost(price.output)} out per million`,
    stateOf(model),
  ].filter(Boolean).join(" · ");
}
