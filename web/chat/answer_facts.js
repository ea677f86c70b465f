/** What is known of an answer in numbers: in one line, and on demand for each attempt. */
import { html } from "htm/preact";
import { useId, useState } from "preact/hooks";
import { formatCost, formatCount, formatDuration, formatTime, plural } from "../format.js";

/**
 * @import { AttemptView } from "../../events/contract/api.ts"
 * @import { Turn } from "../state/turn.js"
 */

/** @param {{ turn: Turn }} props */
export function AnswerFacts({ turn }) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { attempts, durationMs, usage, costUsd, sentAt } = turn.facts.value;
  const facts = [
    attempts.at(-1)?.model,
    durationMs !== null && formatDuration(durationMs),
    usage.outputTokens > 0 && plural(usage.outputTokens, "token"),
    costUsd > 0 && formatCost(costUsd),
  ].filter(Boolean);
  return html`
    <button
      type="button"
      class="answer-facts tabular"
      popovertarget=${id}
      title="How this answer was made"
    >${facts.join(" · ")}</button>
    <div
      id=${id}
      popover="auto"
      role="dialog"
      aria-label="How this answer was made"
      class="facts-popover"
      onToggle=${(/** @type {ToggleEvent} */ event) => setOpen(event.newState === "open")}
    >
      ${isOpen && html`
        <p>
          Sent ${formatTime(sentAt)}${durationMs !== null &&
            `, answered in ${formatDuration(durationMs)}`}.
        </p>
        <div class="table-scroll">
          <table class="tabular">
            <thead>
              <tr>
                <th>Model</th>
                <th>Provider</th>
                <th>Outcome</th>
                <th class="number" title="From the call to the first token">First token</th>
                <th class="number">Duration</th>
                <th class="number"
                  title="Tokens of the request, as the provider counted them">Tokens in</th>
                <th class="number" title="Tokens of the answer, as the provider counted them">out</th>
                <th class="number" title="By the prices in turnlog.yaml">Cost</th>
              </tr>
            </thead>
            <tbody>${attempts.map(row)}</tbody>
          </table>
        </div>
      `}
    </div>
  `;
}

/** @param {AttemptView} attempt */
function row(attempt) {
  const { model, responseModel, provider, status, error, continues, usage, costUsd } = attempt;
  const outcome = error ? error.class : continues > 0 ? `${status}, continued` : status;
  return html`
    <tr key=${attempt.attempt}>
      <td title=${responseModel ?? model}>${model}</td>
      <td>${provider}</td>
      <td title=${error?.message}>${outcome}</td>
      <td class="number">${duration(attempt.timeToFirstTokenMs)}</td>
      <td class="number">${duration(attempt.durationMs)}</td>
      <td class="number">${formatCount(usage.inputTokens)}</td>
      <td class="number">${formatCount(usage.outputTokens)}</td>
      <td class="number">${formatCost(costUsd)}</td>
    </tr>
  `;
}

/** @param {number | null} ms */
function duration(ms) {
  return ms === null ? "–" : formatDuration(ms);
}
