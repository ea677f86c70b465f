/** A range of time from one moment to another, as a person fills it in. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Popover } from "../components/popover.js";
import { formatMinutes } from "../format.js";
import { periodOf } from "./time_range.js";

/** @import { TimeRange } from "./time_range.js" */

/** @param {{ range: TimeRange, onRange: (range: TimeRange) => void }} props */
export function CustomRange({ range, onRange }) {
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
