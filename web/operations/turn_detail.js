/** What was tried for a turn, fetched when it is asked for. */
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../api.js";
import { formatDuration, formatTime } from "../format.js";
import { navigate } from "../router.js";
import { operationsAddress } from "../route.js";
import { describeTurn } from "./operations_api.js";
import { reasonWords } from "./reason_words.js";
import { filterSearch } from "./turn_filter.js";

/**
 * @import { OperationAttempt, OperationTurn, OperationTurnDetail } from "../../events/contract/operations.ts"
 * @import { TurnFilter } from "./turn_filter.js"
 */

/** @param {{ turn: OperationTurn }} props */
export function TurnDetail({ turn }) {
  const [detail, setDetail] = useState(/** @type {OperationTurnDetail | null} */ (null));
  const [error, setError] = useState("");
  useEffect(() => {
    describeTurn(turn.id).then(setDetail, (cause) => setError(messageOf(cause)));
  }, [turn.id, turn.status, turn.attempts]);
  if (error !== "") return html`<p class="problem turn-detail" role="alert">${error}</p>`;
  if (detail === null) return html`<div class="turn-detail skeleton turn-skeleton"></div>`;
  return html`
    <div class="turn-detail">
      <p class="muted">
        Sent ${formatTime(detail.sentAt)} · asked for ${detail.route} · ${detail.run === null
          ? "Temporal keeps no run of it any more"
          : `run ${detail.run.runId}, ${
            detail.run.status.toLowerCase().replaceAll("_", " ")
          }`} · ${" "}
        <button
          type="button"
          class="link-button"
          onClick=${() => showConversation(turn)}
        >other turns of its conversation</button>
      </p>
      ${detail.tries.length > 0 && html`
        <div class="table-scroll">
          <table class="tabular">
            <thead>
              <tr>
                <th class="number">Try</th>
                <th>Model</th>
                <th>Began</th>
                <th class="number">Took</th>
                <th>Ended</th>
              </tr>
            </thead>
            <tbody>
              ${detail.tries.map((attempt) =>
                html`
                  <tr key=${attempt.attempt}>
                    <td class="number">${attempt.attempt}</td>
                    <td>${attempt.model}</td>
                    <td class="nowrap">${formatTime(attempt.startedAt)}</td>
                    <td class="number">${attempt.durationMs === null
                      ? "–"
                      : formatDuration(attempt.durationMs)}</td>
                    <td class="turn-end">${endOf(attempt)}</td>
                  </tr>
                `
              )}
            </tbody>
          </table>
        </div>
      `}
    </div>
  `;
}

/** @param {OperationAttempt} attempt */
function endOf({ status, error }) {
  return error === null ? status : `${reasonWords(error.class)}: ${error.message}`;
}

/** @param {OperationTurn} turn */
function showConversation({ conversationId, status }) {
  /** @type {TurnFilter} */
  const filter = {
    status: status === "waiting" || status === "failed" ? status : "live",
    conversation: conversationId,
  };
  navigate(operationsAddress(filterSearch(filter)));
}
