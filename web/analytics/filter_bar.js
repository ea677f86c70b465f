/** The bar above a section: which time is shown, in how long steps, of what, and how often it is fetched anew. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { formatWait } from "../format.js";
import { refreshSecondsOf, takes } from "./filter.js";
import { NarrowingMenus } from "./narrowing_menus.js";
import { CustomRange } from "./range_form.js";
import { bucketChoices, bucketTitle, periodOf, presets, refreshChoices } from "./time_range.js";

/**
 * @import { AnalyticsView } from "../../events/contract/api.ts"
 * @import { Filter } from "./filter.js"
 * @import { TimeRange } from "./time_range.js"
 *
 * @typedef {object} FilterProps
 * @property {Filter} filter
 * @property {(filter: Filter) => void} onFilter
 */

/**
 * @param {FilterProps & { views: AnalyticsView[], onRefresh: () => void }} props
 *   The views of the section: what none of them takes cannot be chosen. `onRefresh` fetches them now.
 */
export function FilterBar({ filter, onFilter, views, onRefresh }) {
  return html`
    <div class="filter-bar" role="toolbar" aria-label="Filters">
      <${RangeSegments} filter=${filter} onFilter=${onFilter} />
      ${views.some((view) => takes(view, "bucket")) && html`
        <${BucketMenu} filter=${filter} onFilter=${onFilter} />
      `}
      <${NarrowingMenus} filter=${filter} onFilter=${onFilter} views=${views} />
      <span class="filter-rest">
        <button
          type="button"
          class="icon-button"
          aria-label="Refresh"
          title="Refresh"
          onClick=${onRefresh}
        ><${Icon} name="refresh-cw" /></button>
        <${RefreshMenu} filter=${filter} onFilter=${onFilter} />
      </span>
    </div>
  `;
}

/** @param {FilterProps} props */
function RangeSegments({ filter, onFilter }) {
  const { range } = filter;
  const preset = "preset" in range ? range.preset : null;
  /** @param {TimeRange} range What follows from the range follows from the new one. */
  const choose = (range) =>
    onFilter({ ...filter, range, bucketSeconds: null, refreshSeconds: null });
  return html`
    <div class="segments" role="group" aria-label="Time range">
      ${presets.map(({ name, title, short }) =>
        html`
          <button
            key=${name}
            type="button"
            class="segment"
            aria-pressed=${name === preset}
            aria-label=${title}
            title=${title}
            onClick=${() => choose({ preset: name })}
          >${short}</button>
        `
      )}
      <${CustomRange} range=${range} onRange=${choose} />
    </div>
  `;
}

/** @param {FilterProps} props */
function BucketMenu({ filter, onFilter }) {
  const { range, bucketSeconds } = filter;
  const title = bucketTitle(periodOf(range, 0, bucketSeconds).bucketSeconds);
  return html`
    <${Menu}
      label=${`Bucket: ${title}${bucketSeconds === null ? ", by the range" : ""}`}
      buttonClass="model-button"
      items=${() =>
        [null, ...bucketChoices(range)].map((seconds) => {
          const title = seconds === null ? "By the range" : bucketTitle(seconds);
          return {
            key: title,
            label: title,
            content: title,
            checked: seconds === bucketSeconds,
            choose: () => onFilter({ ...filter, bucketSeconds: seconds }),
          };
        })}
    >per ${title} <${Icon} name="chevron-down" size=${14} /></${Menu}>
  `;
}

/** @param {FilterProps} props */
function RefreshMenu({ filter, onFilter }) {
  const chosen = refreshSecondsOf(filter);
  return html`
    <${Menu}
      label=${`Auto refresh: ${refreshTitle(chosen)}`}
      buttonClass="model-button"
      items=${() =>
        refreshChoices.map((seconds) => ({
          key: `${seconds}`,
          label: refreshTitle(seconds),
          content: refreshTitle(seconds),
          checked: seconds === chosen,
          choose: () => onFilter({ ...filter, refreshSeconds: seconds }),
        }))}
    >
      ${chosen === 0 ? "Off" : formatWait(chosen * 1000)}
      <${Icon} name="chevron-down" size=${14} />
    </${Menu}>
  `;
}

/** @param {number} seconds */
function refreshTitle(seconds) {
  if (seconds === 0) return "Off";
  return seconds < 60 ? `Every ${seconds} s` : "Every minute";
}
