/** Where an answer stands, in words: under way, waiting, stopped, or failed, with what can be done about it. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { useNow } from "../components/use_now.js";
import { useSlow } from "../components/use_slow.js";
import { formatWait } from "../format.js";
import { followNewestBranch } from "../state/open_conversations.js";
import { ModelMenu } from "./model_menu.js";

/**
 * @import { Failure } from "../../events/contract/failure.ts"
 * @import { Conversation } from "../state/conversation.js"
 * @import { Turn } from "../state/turn.js"
 */

/** After this long without a token, the page says whom it waits for. */
const quietMs = 2000;

/** @param {{ turn: Turn }} props */
export function AnswerProgress({ turn }) {
  if (turn.delivery.value.state === "failed" || turn.delivery.value.state === "waiting") {
    return html`<div class="answer-line"></div>`;
  }
  if (turn.connection.value === "lost") {
    return html`
      <div class="answer-line warning" role="status">
        <${Icon} name="wifi-off" /> Connection lost, reconnecting…
      </div>
    `;
  }
  if (turn.stopping.value) return html`<div class="answer-line">Stopping…</div>`;
  if (turn.facts.value.status === "waiting") {
    return html`<${Waiting} turn=${turn} />`;
  }
  return turn.delivery.value.state === "sending"
    ? html`<${Sending} />`
    : html`<${Writing} turn=${turn} />`;
}

function Sending() {
  const isSlow = useSlow(true);
  return html`
    <div class="answer-line">
      <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
      ${isSlow && html`<span role="status">The message is being sent</span>`}
    </div>
  `;
}

/** @param {{ turn: Turn }} props */
function Writing({ turn }) {
  const attempt = turn.facts.value.attempts.at(-1);
  const isSilent = turn.answer.value.text === "" && turn.answer.value.reasoning === "";
  const now = useNow(isSilent);
  const waitedMs = attempt?.status === "running" ? now - Date.parse(attempt.startedAt) : 0;
  return html`
    <div class="answer-line">
      <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
      ${isSilent && attempt && waitedMs > quietMs &&
        html`<span class="tabular">${attempt.model} has been asked for ${
          formatWait(waitedMs)
        }</span>`}
    </div>
  `;
}

/** @param {{ turn: Turn }} props */
function Waiting({ turn }) {
  const { waiting, route } = turn.facts.value;
  const chosen = turn.chosen.value;
  const now = useNow(true);
  if (chosen !== null) return html`<div class="answer-line" role="status">Asking ${chosen}…</div>`;
  if (waiting === null) return null;
  const leftMs = Date.parse(waiting.until) - now;
  return html`
    <div class="answer-line" role="status" title=${waiting.reason.message}>
      <${Icon} name="hourglass" />
      <span class="tabular">
        ${isBeingWoken(waiting.reason)
          ? `${waiting.reason.message} …`
          : `Waiting for a provider · ${
            leftMs > 0 ? `next try in ${formatWait(leftMs)}` : "trying now"
          }`}
      </span>
      <button type="button" class="link-button" onClick=${() => turn.stop()}>Stop</button>
      <${ModelMenu}
        label="Choose a model"
        buttonClass="link-button"
        current=${route}
        onChoose=${(/** @type {string} */ name) => turn.choose(name)}
      >Choose a model</${ModelMenu}>
    </div>
  `;
}

/**
 * A model that could not be woken has a time after which it is tried again.
 *
 * @param {Failure} reason
 */
function isBeingWoken(reason) {
  return reason.class === "asleep" && reason.retryAfterMs === undefined;
}

/** @param {{ conversation: Conversation, turn: Turn }} props */
export function AnswerEnd({ conversation, turn }) {
  const { status, error, finishReason } = turn.facts.value;
  if (status === "stopped") return html`<p class="answer-end">Stopped</p>`;
  if (status === "failed") {
    return html`
      <div class="answer-end failed">
        <${Icon} name="circle-alert" />
        <div class="answer-end-words">
          <span>Could not be answered: ${error?.message ?? "the reason is not known."}</span>
          <span class="answer-end-actions">
            <button
              type="button"
              class="link-button"
              onClick=${() => regenerate(conversation, turn)}
            >Try again</button>
            <${ModelMenu}
              label="Choose a model"
              buttonClass="link-button"
              current=${turn.facts.value.route}
              onChoose=${(/** @type {string} */ name) => regenerate(conversation, turn, name)}
            >Choose a model</${ModelMenu}>
          </span>
        </div>
      </div>
    `;
  }
  if (finishReason?.unified === "length") {
    return html`<p class="answer-end">The answer ends here because it reached the limit of its length.</p>`;
  }
  return null;
}

/**
 * @param {Conversation} conversation
 * @param {Turn} turn
 * @param {string} [model]
 */
export async function regenerate(conversation, turn, model) {
  const asked = conversation.regenerate(turn, model);
  followNewestBranch(conversation);
  await asked;
}
