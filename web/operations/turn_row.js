/** One turn as operators see it: how it stands, why, and what can be done about it. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { CopyButton } from "../components/copy_button.js";
import { Icon } from "../components/icon.js";
import { formatAgo, formatTime, formatWait, plural } from "../format.js";
import { cancelTurn, retryTurn } from "./operations_api.js";
import { reasonWords } from "./reason_words.js";
import { StopButton } from "./stop_button.js";
import { TurnDetail } from "./turn_detail.js";
import { useOperation } from "./use_operation.js";

/** @import { OperationTurn } from "../../events/contract/operations.ts" */

/**
 * @param {object} props
 * @param {OperationTurn} props.turn
 * @param {number} props.now
 * @param {() => void} props.onChange Something was done to it.
 */
export function TurnRow({ turn, now, onChange }) {
  const [isOpen, setOpen] = useState(false);
  const { isBusy, carryOut } = useOperation(onChange);
  return html`
    <li class="turn-row" aria-busy=${isBusy}>
      <div class="turn-line">
        <button
          type="button"
          class="turn-toggle"
          aria-expanded=${isOpen}
          aria-label=${`${titleOf(turn)}, turn ${turn.id}`}
          onClick=${() => setOpen(!isOpen)}
        >
          <${Icon} name=${isOpen ? "chevron-down" : "chevron-right"} />
          <span class="turn-title ${turn.status}">${titleOf(turn)}</span>
        </button>
        <span class="turn-model">${modelOf(turn)}</span>
        <time class="turn-since tabular" datetime=${turn.since} title=${formatTime(turn.since)}>
          ${formatAgo(now - Date.parse(turn.since))}
        </time>
        <div class="turn-actions">
          ${turn.status === "failed" && html`
            <button
              type="button"
              class="button small"
              disabled=${isBusy}
              onClick=${() => carryOut(() => retryTurn(turn.id), "It is being answered once more.")}
            ><${Icon} name="rotate-ccw" size=${14} /> Retry</button>
          `}
          ${(turn.status === "waiting" || turn.status === "running" ||
            turn.status === "accepted") && html`
            <${StopButton}
              label="Stop this turn"
              meaning="The user keeps what was written so far. This cannot be undone."
              isDisabled=${isBusy}
              onStop=${() => carryOut(() => cancelTurn(turn.id), "It is being stopped.")}
            />
          `}
          ${turn.temporalUrl !== null && html`
            <a
              class="icon-button"
              href=${turn.temporalUrl}
              target="_blank"
              rel="noreferrer"
              aria-label="Open its run in the Temporal UI"
              title="Open its run in the Temporal UI"
            ><${Icon} name="external-link" /></a>
          `}
        </div>
      </div>
      <p class="turn-facts">
        ${turn.error !== null && html`<span class="turn-error">${turn.error.message}</span>`}
        ${turn.nextTryAt !== null && html`
          <span>Next try ${nextTry(Date.parse(turn.nextTryAt) - now)}</span>
        `}
        <span>${turn.attempts === 0
          ? "not tried yet"
          : plural(turn.attempts, "try", "tries")}</span>
        <span title=${`The user's key: ${turn.userKey}`}>user ${turn.userKey.slice(0, 8)}</span>
        <span class="turn-id">
          ${turn.id}
          <${CopyButton} label="Copy the turn's id" text=${() =>
            turn.id} buttonClass="icon-button small" />
        </span>
      </p>
      ${isOpen && html`<${TurnDetail} turn=${turn} />`}
    </li>
  `;
}

/** @param {OperationTurn} turn */
function titleOf({ status, error }) {
  if (error !== null) return reasonWords(error.class);
  return status === "accepted" ? "Not begun" : "Being answered";
}

/** @param {OperationTurn} turn */
function modelOf({ model, provider, route }) {
  if (model === null) return `asked for ${route}`;
  return provider === null || provider === model ? model : `${model} · ${provider}`;
}

/** @param {number} ms */
function nextTry(ms) {
  return ms <= 0 ? "now" : `in ${formatWait(ms)}`;
}
