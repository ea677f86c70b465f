/** Retries all failed turns that the filter shows: asks first, saying how many, and tells how far it is. */
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { retriedTurnsMax, retriedTurnsPerSecond } from "../../events/contract/operations.ts";
import { messageOf, RequestError } from "../api.js";
import { Icon } from "../components/icon.js";
import { formatCount, formatWait, plural } from "../format.js";
import { checkAccess } from "./access.js";
import { describeRetry, startRetry } from "./operations_api.js";
import { reasonWords } from "./reason_words.js";

/**
 * @import { RetryView } from "../../events/contract/operations.ts"
 * @import { TurnFilter } from "./turn_filter.js"
 */

const pollMs = 1000;

/**
 * @param {object} props
 * @param {TurnFilter} props.filter
 * @param {number} props.turns How many it would retry.
 * @param {(id: string) => void} props.onStart
 */
export function RetryAllButton({ filter, turns, onStart }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [isOpen, setOpen] = useState(false);
  const retried = Math.min(turns, retriedTurnsMax);
  return html`
    <button
      type="button"
      class="button retry-all"
      aria-haspopup="dialog"
      disabled=${turns === 0}
      onClick=${() => {
        dialog.current?.showModal();
        setOpen(true);
      }}
    ><${Icon} name="rotate-ccw" size=${14} /> Retry all ${formatCount(turns)}</button>
    <dialog
      ref=${dialog}
      class="confirm"
      aria-label="Retry all"
      onClose=${() => setOpen(false)}
      onClick=${(/** @type {MouseEvent} */ event) => {
        // A click beside it hits the dialog itself.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      ${isOpen && html`
        <${Confirm}
          filter=${filter}
          turns=${turns}
          retried=${retried}
          onClose=${() => dialog.current?.close()}
          onStart=${onStart}
        />
      `}
    </dialog>
  `;
}

/**
 * @param {object} props
 * @param {TurnFilter} props.filter
 * @param {number} props.turns
 * @param {number} props.retried
 * @param {() => void} props.onClose
 * @param {(id: string) => void} props.onStart
 */
function Confirm({ filter, turns, retried, onClose, onStart }) {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  // One id for all clicks on the button: a request that is repeated is the same retry.
  const id = useRef(crypto.randomUUID());

  async function start() {
    setBusy(true);
    const { errorClass, model, provider } = filter;
    try {
      await startRetry({
        id: id.current,
        ...(errorClass && { errorClass }),
        ...(model && { model }),
        ...(provider && { provider }),
      });
      onClose();
      onStart(id.current);
    } catch (cause) {
      setError(messageOf(cause));
      setBusy(false);
      checkAccess(cause);
    }
  }

  return html`
    <div class="confirm-content">
      <h2>Retry ${plural(retried, "failed turn")}?</h2>
      <p>
        ${whichOf(filter)} ${retried < turns &&
          html`The ${formatCount(retried)} that were sent first.`}
        ${" "}Each is answered once more in its user's conversation, ${retriedTurnsPerSecond} a second:
        ${" "}about ${formatWait(retried / retriedTurnsPerSecond * 1000).replace(" ", "\u00a0")}.
      </p>
      ${error && html`<p class="problem" role="alert">${error}</p>`}
      <div class="confirm-actions">
        <button type="button" class="button" onClick=${onClose}>Leave them</button>
        <button type="button" class="button primary" disabled=${isBusy} onClick=${start}>
          Retry ${formatCount(retried)}
        </button>
      </div>
    </div>
  `;
}

/** @param {TurnFilter} filter */
function whichOf({ errorClass, model, provider }) {
  const which = [
    errorClass && `reason: ${reasonWords(errorClass).toLowerCase()}`,
    model && `model: ${model}`,
    provider && `provider: ${provider}`,
  ].filter(Boolean);
  return which.length === 0
    ? "All that failed, for whatever reason."
    : `Those with ${which.join(", ")}.`;
}

/**
 * How far a retry is, until it is done and taken away.
 *
 * @param {{ id: string, onChange: () => void, onClose: () => void }} props
 */
export function RetryState({ id, onChange, onClose }) {
  const [retry, setRetry] = useState(/** @type {RetryView | null} */ (null));
  const [error, setError] = useState("");
  useEffect(() => {
    let isOver = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    async function poll() {
      try {
        const view = await describeRetry(id);
        if (isOver) return;
        setRetry(view);
        setError("");
        onChange();
        if (view.status === "running") timer = setTimeout(poll, pollMs);
      } catch (cause) {
        if (isOver) return;
        setError(messageOf(cause));
        checkAccess(cause);
        // Where the server is away it may come back; what it refuses it refuses again.
        const isRefused = cause instanceof RequestError && cause.status >= 400 &&
          cause.status < 500;
        if (!isRefused) timer = setTimeout(poll, pollMs);
      }
    }
    poll();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [id]);

  return html`
    <p class="retry-state" role="status">
      <span>${error || wordsOf(retry)}</span>
      ${retry?.temporalUrl && html`
        <a href=${retry.temporalUrl} target="_blank" rel="noreferrer">In the Temporal UI</a>
      `}
      <button type="button" class="icon-button small" aria-label="Dismiss" onClick=${onClose}>
        <${Icon} name="x" size=${14} />
      </button>
    </p>
  `;
}

/** @param {RetryView | null} retry */
function wordsOf(retry) {
  if (retry === null) return "Retrying…";
  const { status, progress } = retry;
  if (status === "failed") return "The retry was ended before it was done. Its run tells why.";
  if (progress === null) {
    return "Retrying: no worker tells how far it is. It goes on when one is there.";
  }
  const { found, retried, skipped } = progress;
  if (found === null) return "Looking for the failed turns…";
  const rest = skipped === 0
    ? ""
    : ` ${plural(skipped, "turn")} could not be: Temporal keeps no run that can be reset.`;
  if (status === "running") {
    return `Retrying: ${formatCount(retried + skipped)} of ${plural(found, "turn")}.${rest}`;
  }
  return `${plural(retried, "turn")} retried.${rest}`;
}
