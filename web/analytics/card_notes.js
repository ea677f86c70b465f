/** What is to be known of a view's numbers: what they count, that they are not narrowed, and what can be done about them. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { getDefinition, messageOf } from "../api.js";
import { copyText } from "../components/copy_text.js";
import { Icon } from "../components/icon.js";
import { formatCount } from "../format.js";
import { announce } from "../state/announcements.js";
import { narrowings, takes } from "./filter.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter } from "./filter.js"
 * @import { Shown } from "./view_rows.js"
 */

/**
 * @param {object} props
 * @param {AnalyticsView} props.view
 * @param {Filter} props.filter
 * @param {Shown | null} props.shown
 * @param {boolean} props.hasDescription
 */
export function CardNotes({ view, filter, shown, hasDescription }) {
  const ignored = narrowings.filter((name) => filter.narrowed[name] && !takes(view, name));
  const hasRemedy = view.remedy !== undefined && shown !== null && shown.result.rows.length > 0;
  return html`
    ${hasDescription && html`
      <p class="chart-note">${view.description}</p>
      <${Definition} name=${view.name} />
    `}
    ${ignored.length > 0 && html`
      <p class="chart-note">
        Of all: this cannot be narrowed to one ${ignored.map((name) => name.replaceAll("_", " "))
          .join(" or ")}.
      </p>
    `}
    ${shown?.result.isTruncated && html`
      <p class="chart-note">
        These are the first ${formatCount(
          shown.result.rows.length,
        )} rows. Choose a shorter time or longer
        buckets to see all.
      </p>
    `}
    ${hasRemedy && html`<${Remedy} remedy=${view.remedy} />`}
  `;
}

/** @param {{ name: string }} props */
function Definition({ name }) {
  const [sql, setSql] = useState(/** @type {string | null} */ (null));
  const [error, setError] = useState("");
  async function load() {
    try {
      setSql((await getDefinition(name)).sql);
    } catch (cause) {
      setError(messageOf(cause));
    }
  }
  if (sql !== null) return html`<pre class="definition" tabindex="0">${sql}</pre>`;
  return html`
    <p class="chart-note">
      <button type="button" class="link-button" onClick=${load}>Show its SQL</button>
      ${error && html`<span class="problem" role="alert">${error}</span>`}
    </p>
  `;
}

/** @param {{ remedy: NonNullable<AnalyticsView["remedy"]> }} props */
function Remedy({ remedy: { description, command } }) {
  async function copy() {
    announce(await copyText(command) ? "Copied." : "Could not copy.");
  }
  return html`
    <p class="chart-note remedy">
      ${description} <code>${command}</code>
      <button
        type="button"
        class="icon-button small"
        aria-label=${`Copy ${command}`}
        title="Copy"
        onClick=${copy}
      ><${Icon} name="copy" size=${14} /></button>
    </p>
  `;
}
