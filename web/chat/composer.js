/** Where messages are written: a field that grows, the choice of a model, and the button that sends or stops. */
import { html } from "htm/preact";
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon, preloadIcons } from "../components/icon.js";
import { keepDraft } from "../state/drafts.js";
import { defaultRoute, modelNamed } from "../state/models.js";
import { followNewestBranch } from "../state/open_conversations.js";
import { chosenModel } from "../state/preferences.js";
import { ModelMenu } from "./model_menu.js";
import { SimulatedNotice } from "./model_setup.js";

/** @import { Conversation } from "../state/conversation.js" */

/** A pause in typing after which the draft is kept. */
const draftPauseMs = 300;
preloadIcons("square", "wifi-off");
const isSizedByStyle = CSS.supports("field-sizing", "content");

/** @param {{ conversation: Conversation, onSend: () => void }} props `onSend`: a message is on its way. */
export function Composer({ conversation, onSend }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const editText = useSignal("");
  const isRefused = useSignal(false);
  const editing = conversation.editing.value;
  const text = editing === null ? conversation.draft.value : editText.value;
  const running = runningTurn(conversation);
  const { lastRoute } = conversation;
  const model = modelNamed([conversation.model.value, lastRoute, chosenModel.value]);
  // Until the models are known, what was chosen last stands in its place.
  const modelName = model?.name ?? conversation.model.value ?? lastRoute ?? chosenModel.value ??
    defaultRoute;
  // Gone with its reason, so that it is true for as long as it is read.
  const hint = isRefused.value ? whyNotNow(conversation) : null;

  useKeptDraft(conversation);
  useLayoutEffect(() => {
    if (editing === null) return;
    editText.value = editing.facts.value.message;
    field.current?.focus();
  }, [editing]);
  useLayoutEffect(() => {
    if (field.current !== null && !isSizedByStyle) fit(field.current);
  }, [text]);
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  /** @param {string} next */
  function write(next) {
    if (editing === null) conversation.draft.value = next;
    else editText.value = next;
    isRefused.value = false;
  }

  function send() {
    if (text.trim() === "") return;
    isRefused.value = whyNotNow(conversation) !== null;
    if (isRefused.value) return;
    const parentTurnId = (editing ? editing.parentTurnId : conversation.lastTurn?.id) ?? null;
    write("");
    if (editing === null) keepDraft(conversation.id.value, "");
    conversation.editing.value = null;
    followNewestBranch(conversation);
    conversation.send({ text, model: model?.name ?? null, parentTurnId });
    onSend();
  }

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    // A key that ends the composition of a character is not meant for the message.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "" && editing === null) {
      const last = lastEditable(conversation);
      if (last === null) return;
      event.preventDefault();
      conversation.editing.value = last;
    } else if (event.key === "Escape" && editing !== null) {
      event.preventDefault();
      conversation.editing.value = null;
    }
  }

  return html`
    <div class="composer-area">
      <form
        class="composer"
        aria-label="Write a message"
        onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          send();
        }}
      >
        ${editing !== null && html`
          <div class="composer-editing">
            <${Icon} name="pencil" size=${14} />
            <span>Editing a message: it is answered again, beside the first answer</span>
            <button
              type="button"
              class="link-button"
              onClick=${() => {
                conversation.editing.value = null;
                field.current?.focus();
              }}
            >Cancel</button>
          </div>
        `}
        <textarea
          ref=${field}
          class="composer-field"
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder="Write a message"
          rows="1"
          enterkeyhint="send"
          value=${text}
          onInput=${(/** @type {InputEvent} */ event) =>
            write(/** @type {HTMLTextAreaElement} */ (event.target).value)}
          onKeyDown=${onKeyDown}
        ></textarea>
        <div class="composer-foot">
          <${ModelMenu}
            label=${`Model: ${modelName}`}
            buttonClass="model-button"
            current=${model?.name ?? null}
            onChoose=${(/** @type {string} */ name) => {
              conversation.model.value = name;
              chosenModel.value = name;
              field.current?.focus();
            }}
          >
            <span class="model-button-name">${modelName}</span>
            <${Icon} name="chevron-down" size=${14} />
          </${ModelMenu}>
          <span id="composer-hint" class="composer-hint" role="status">${hint}</span>
          ${running === null
            ? html`
              <button
                type="submit"
                class="send-button"
                aria-label="Send"
                title="Send (Enter)"
                disabled=${text.trim() === ""}
              ><${Icon} name="arrow-up" size=${18} /></button>
            `
            : html`
              <button
                type="button"
                class="send-button"
                aria-label="Stop"
                title="Stop (Esc)"
                disabled=${running.stopping.value}
                onClick=${() => running.stop()}
              ><${Icon} name="square" size=${14} /></button>
            `}
        </div>
      </form>
      <${SimulatedNotice} model=${model} />
    </div>
  `;
}

/**
 * @param {Conversation} conversation
 * @returns The turn on the screen that is being answered, null where none is.
 */
export function runningTurn(conversation) {
  const last = conversation.lastTurn;
  const isRunning = last !== null && !last.isEnded && last.delivery.value.state === "accepted" &&
    conversation.loading.value.state !== "missing";
  return isRunning ? last : null;
}

/** @param {Conversation} conversation */
function whyNotNow(conversation) {
  const { state } = conversation.loading.value;
  if (state === "missing") return "This conversation is not there: begin a new chat.";
  if (state !== "loaded") return "The conversation is still loading.";
  if (runningTurn(conversation) !== null) return "The answer is still being written. Esc stops it.";
  switch (conversation.lastTurn?.delivery.value.state) {
    case "sending":
      return "The message above is being sent.";
    case "waiting":
    case "failed":
      return "The message above is not sent yet: edit or discard it first.";
    default:
      return null;
  }
}

/** @param {Conversation} conversation */
function lastEditable(conversation) {
  const last = conversation.lastTurn;
  return last !== null && last.delivery.value.state === "accepted" ? last : null;
}

/** @param {Conversation} conversation Its draft outlives the page. */
function useKeptDraft(conversation) {
  const text = conversation.draft.value;
  useEffect(() => {
    const keep = () => keepDraft(conversation.id.peek(), conversation.draft.peek());
    const timer = setTimeout(keep, draftPauseMs);
    addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", keep);
    };
  }, [text]);
  useEffect(() => () => keepDraft(conversation.id.peek(), conversation.draft.peek()), []);
}

/** @param {HTMLTextAreaElement} field */
function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
