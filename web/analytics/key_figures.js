/** The figures of a section beside each other, each with its change against the period before, and what it counts. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Popover } from "../components/popover.js";
import { formatMinutes } from "../format.js";
import { numberOf } from "./chart_data.js";
import { changeOf } from "./figure_change.js";
import { periodBefore } from "./time_range.js";
import { formatShort, formatValue } from "./units.js";
import { rowsOf } from "./view_rows.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Unit } from "./units.js"
 * @import { Shown } from "./view_rows.js"
 *
 * @typedef {object} Figure
 * @property {string} key
 * @property {string} title
 * @property {string} note What is counted.
 * @property {Unit} unit
 * @property {Shown | null} shown Null where it is not known yet.
 * @property {number | null} value
 * @property {number | null} before
 * @property {boolean} isFailed
 */

/** @param {{ views: AnalyticsView[] }} props Those that are drawn as figures. */
export function KeyFigures({ views }) {
  const figures = views.flatMap(figuresOf);
  if (figures.length === 0) return null;
  return html`
    <ul class="key-figures" aria-label="Key figures">
      ${figures.map((figure) =>
        html`
          <li key=${figure.key}>
            <${KeyFigure} figure=${figure} />
          </li>
        `
      )}
    </ul>
  `;
}

/** @param {{ figure: Figure }} props */
function KeyFigure({ figure }) {
  const { title, unit, shown, value, before, isFailed } = figure;
  return html`
    <${Popover}
      label=${`What ${title} counts`}
      buttonClass="key-figure"
      content=${() => html`<${FigureNote} figure=${figure} />`}
    >
      <span class="key-figure-title">${title} <${Icon} name="info" size=${14} /></span>
      <span class="key-figure-value tabular">
        ${shown !== null
          ? value === null ? "–" : formatShort(value, unit)
          : isFailed
          ? "–"
          : html`<span class="skeleton key-figure-skeleton"></span>`}
      </span>
      <span class="key-figure-change tabular">${shown !== null &&
        changeOf(value, before, unit)}</span>
      </${Popover}>
  `;
}

/** @param {{ figure: Figure }} props */
function FigureNote({ figure: { title, note, unit, shown, value, before } }) {
  return html`
    <div class="figure-note">
      <h3>${title}</h3>
      <p>${note}</p>
      ${shown !== null && html`
        <dl class="tabular">
          ${periodLine(shown.period, value, unit)} ${periodLine(
            periodBefore(shown.period),
            before,
            unit,
          )}
        </dl>
      `}
    </div>
  `;
}

/**
 * @param {{ fromMs: number, toMs: number }} period
 * @param {number | null} value
 * @param {Unit} unit
 */
function periodLine({ fromMs, toMs }, value, unit) {
  return html`
    <dt>${formatMinutes(fromMs, toMs)}</dt>
    <dd>${formatValue(value, unit)}</dd>
  `;
}

/**
 * @param {AnalyticsView} view
 * @returns {Figure[]}
 */
function figuresOf(view) {
  const { shown, error } = rowsOf(view);
  const row = shown.value?.result.rows[0] ?? {};
  return view.chart.y.map(({ column, title, description, unit }) => ({
    key: `${view.name} ${column}`,
    title,
    note: description ?? view.description,
    unit: unit ?? view.chart.unit,
    shown: shown.value,
    value: numberOf(row[column]),
    before: numberOf(row[`${column}_before`]),
    isFailed: error.value !== null,
  }));
}
