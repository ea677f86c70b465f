/** The bar above the turns: how they stand, and what they have in common. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { formatCompact, formatCount } from "../format.js";
import { reasonWords } from "./reason_words.js";
import { choicesOf, countOf, statuses } from "./turn_filter.js";

/**
 * @import { OperationCount } from "../../events/contract/operations.ts"
 * @import { TurnFilter } from "./turn_filter.js"
 */

/**
 * @param {object} props
 * @param {TurnFilter} props.filter
 * @param {OperationCount[] | null} props.counts
 * @param {(filter: TurnFilter) => void} props.onFilter
 * @param {() => void} props.onRefresh
 * @param {unknown} props.children What stands at its end.
 */
export function TurnFilterBar({ filter, counts, onFilter, onRefresh, children }) {
  const known = counts ?? [];
  return html`
    <div class="filter-bar operations-filter" role="toolbar" aria-label="Filters">
      <div class="segments" role="group" aria-label="Status">
        ${statuses.map(({ status, title }) => {
          const turns = countOf(known, { status });
          return html`
            <button
              key=${status}
              type="button"
              class="segment"
              aria-pressed=${status === filter.status}
              aria-label=${counts === null ? title : `${title}: ${formatCount(turns)}`}
              onClick=${() => onFilter({ status })}
            >${title} <span class="segment-count tabular">${counts === null
              ? ""
              : formatCompact(turns)}</span></button>
          `;
        })}
      </div>
      ${filter.status !== "live" && html`
        <${Choice}
          title="Reason"
          name="errorClass"
          wordsOf=${reasonWords}
          ...${{ filter, counts: known, onFilter }}
        />
      `}
      <${Choice} title="Model" name="model" ...${{ filter, counts: known, onFilter }} />
      <${Choice} title="Provider" name="provider" ...${{ filter, counts: known, onFilter }} />
      ${filter.conversation !== undefined && html`
        <button
          type="button"
          class="button small"
          aria-label="Show all conversations"
          onClick=${() => onFilter({ ...filter, conversation: undefined })}
        >One conversation <${Icon} name="x" size=${14} /></button>
      `}
      <button
        type="button"
        class="icon-button"
        aria-label="Refresh"
        title="Refresh"
        onClick=${onRefresh}
      ><${Icon} name="refresh-cw" /></button>
      ${children}
    </div>
  `;
}

/**
 * @param {object} props
 * @param {string} props.title
 * @param {"errorClass" | "model" | "provider"} props.name
 * @param {(value: string) => string} [props.wordsOf]
 * @param {TurnFilter} props.filter
 * @param {OperationCount[]} props.counts
 * @param {(filter: TurnFilter) => void} props.onFilter
 */
function Choice({ title, name, wordsOf = (value) => value, filter, counts, onFilter }) {
  const chosen = filter[name];
  const choices = choicesOf(counts, filter, name);
  return html`
    <${Menu}
      label=${`${title}: ${chosen === undefined ? "any" : wordsOf(chosen)}`}
      buttonClass=${`model-button ${chosen === undefined ? "" : "chosen"}`}
      items=${() => [
        item("", "Any", null),
        ...choices.map(({ value, turns }) => item(value, wordsOf(value), turns)),
      ]}
    >
      ${chosen === undefined ? title : wordsOf(chosen)} <${Icon} name="chevron-down" size=${14} />
    </${Menu}>
  `;

  /**
   * @param {string} value Empty for any.
   * @param {string} words
   * @param {number | null} turns
   */
  function item(value, words, turns) {
    return {
      key: value,
      label: turns === null ? words : `${words}: ${formatCount(turns)}`,
      content: html`${words}${
        turns !== null && html`
          <span class="menu-count tabular">${formatCount(turns)}</span>
        `
      }`,
      checked: value === (chosen ?? ""),
      choose: () => onFilter({ ...filter, [name]: value === "" ? undefined : value }),
    };
  }
}
