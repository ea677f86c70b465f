/** What is known of an answer in numbers: in one line, and on demand for each attempt. */
import { html } from "htm/preact";
import { Popover } from "../components/popover.js";
import { formatCost, formatCount, formatDuration, formatTime, plural } from "../format.js";

/**
 * @import { AttemptView } from "../../events/contract/api.ts"
 * @import { Turn } from "../state/turn.js"
 */

/** @param {{ turn: Turn }} props */
export function AnswerFacts({ turn }) {
  const { attempts, durationMs, usage, costUsd } = turn.facts.value;
  const facts = [
    attempts.at(-1)?.model,
    durationMs !== null && formatDuration(durationMs),
    usage.outputTokens > 0 && plural(usage.outputTokens, "token"),
    costUsd !== null && costUsd > 0 && formatCost(costUsd),
  ].filter(Boolean);
  return html`
    <${Popover}
      label="How this answer was made"
      buttonClass="answer-facts tabular"
      content=${() => html`<${Attempts} turn=${turn} />`}
    >${facts.join(" · ")}</${Popover}>
  `;
}

/** @param {{ turn: Turn }} props */
function Attempts({ turn }) {
  const { attempts, durationMs, sentAt } = turn.facts.value;
  const took = durationMs === null ? "" : `, answered in ${formatDuration(durationMs)}`;
  return html`
    <p class="muted">Sent ${formatTime(sentAt)}${took}.</p>
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
            <th class="number"
              title="Tokens of the answer, as the provider counted them">Tokens out</th>
            <th class="number" title="By the prices in turnlog.yaml; – where it is not known">Cost</th>
          </tr>
        </thead>
        <tbody>${attempts.map(row)}</tbody>
      </table>
    </div>
  `;
}

/** @param {AttemptView} attempt */
function row(attempt) {
  const { model, responseModel, provider, status, error, continues, usage, costUsd } = attempt;
  const estimated = attempt.isUsageEstimated
    ? "Estimated from the texts, as the provider did not count it"
    : undefined;
  const about = estimated && "≈ ";
  const outcome = error ? error.class : continues > 0 ? `${status}, continued` : status;
  return html`
    <tr key=${attempt.attempt}>
      <td title=${responseModel ?? model}>${model}</td>
      <td>${provider}</td>
      <td title=${error?.message}>${outcome}</td>
      <td class="number">${duration(attempt.timeToFirstTokenMs)}</td>
      <td class="number">${duration(attempt.durationMs)}</td>
      <td class="number" title=${estimated}>${about}${formatCount(usage.inputTokens)}</td>
      <td class="number" title=${estimated}>${about}${formatCount(usage.outputTokens)}</td>
      <td class="number" title=${estimated}>
        ${costUsd === null ? "–" : html`${about}${formatCost(costUsd)}`}
      </td>
    </tr>
  `;
}

/** @param {number | null} ms */
function duration(ms) {
  return ms === null ? "–" : formatDuration(ms);
}
