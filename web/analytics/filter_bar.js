/** The bar above the dashboard: which time is shown, and how often it is fetched anew. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { Popover } from "../components/popover.js";
import { formatMinutes, formatWait } from "../format.js";
import { periodOf, presets, refreshChoices } from "./time_range.js";

/** @import { TimeRange } from "./time_range.js" */

/**
 * @param {object} props
 * @param {TimeRange} props.range
 * @param {number} props.refreshSeconds 0 for never.
 * @param {(range: TimeRange) => void} props.onRange
 * @param {(seconds: number) => void} props.onRefreshSeconds
 * @param {() => void} props.onRefresh Fetch it now.
 */
export function FilterBar({ range, refreshSeconds, onRange, onRefreshSeconds, onRefresh }) {
  const preset = "preset" in range ? range.preset : null;
  return html`
    <div class="filter-bar" role="toolbar" aria-label="Filters">
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
              onClick=${() => onRange({ preset: name })}
            >${short}</button>
          `
        )}
        <${CustomRange} range=${range} onRange=${onRange} />
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label="Refresh"
        title="Refresh"
        onClick=${onRefresh}
      ><${Icon} name="refresh-cw" /></button>
      <${Menu}
        label=${`Auto refresh: ${refreshTitle(refreshSeconds)}`}
        buttonClass="model-button"
        items=${() =>
          refreshChoices.map((seconds) => ({
            key: `${seconds}`,
            label: refreshTitle(seconds),
            content: refreshTitle(seconds),
            checked: seconds === refreshSeconds,
            choose: () => onRefreshSeconds(seconds),
          }))}
      >
        ${refreshSeconds === 0 ? "Off" : formatWait(refreshSeconds * 1000)}
        <${Icon} name="chevron-down" size=${14} />
      </${Menu}>
    </div>
  `;
}

/** @param {{ range: TimeRange, onRange: (range: TimeRange) => void }} props */
function CustomRange({ range, onRange }) {
  const isChosen = !("preset" in range);
  const title = isChosen ? formatMinutes(range.fromMs, range.toMs) : "Custom";
  return html`
    <${Popover}
      label="Custom time range"
      buttonClass="segment"
      isPressed=${isChosen}
      content=${(/** @type {() => void} */ close) =>
        html`
          <${RangeForm}
            range=${range}
            onRange=${(/** @type {TimeRange} */ next) => {
              close();
              onRange(next);
            }}
          />
        `}
    >${title}</${Popover}>
  `;
}

/** @param {{ range: TimeRange, onRange: (range: TimeRange) => void }} props */
function RangeForm({ range, onRange }) {
  const [error, setError] = useState("");
  const { fromMs, toMs } = periodOf(range, Date.now());

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [fromMs, toMs] = ["from", "to"].map((name) => Date.parse(String(fields.get(name))));
    if (fromMs < toMs) onRange({ fromMs, toMs });
    else setError("The end must come after the beginning.");
  }

  return html`
    <form class="range-form" onSubmit=${onSubmit}>
      ${field("From", "from", fromMs)}
      ${field("To", "to", toMs)}
      ${error && html`<p class="problem" role="alert">${error}</p>`}
      <button type="submit" class="button primary">Show</button>
    </form>
  `;
}

/**
 * @param {string} title
 * @param {string} name
 * @param {number} ms
 */
function field(title, name, ms) {
  return html`
    <label class="range-field">
      ${title}
      <input type="datetime-local" class="field" name=${name} required defaultValue=${localTime(
        ms,
      )} />
    </label>
  `;
}

/** @param {number} ms @returns {string} As a field for date and time takes it, in the reader's zone. */
function localTime(ms) {
  const offsetMs = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 16);
}

/** @param {number} seconds */
function refreshTitle(seconds) {
  if (seconds === 0) return "Off";
  return seconds < 60 ? `Every ${seconds} s` : "Every minute";
}
