/** The conversations that were opened: the one on the screen, and the last few, which are there again at once. */
import { effect, signal, untracked } from "@preact/signals";
import { chatAddress } from "../route.js";
import { navigate, route } from "../router.js";
import { onChange } from "./changes.js";
import { Conversation } from "./conversation.js";
import { keepDraft } from "./drafts.js";

/** The conversations that are kept; the one that was opened longest ago goes first. */
const keptMax = 8;

/** Newest first. @type {Conversation[]} */
let kept = [];
const newConversation = signal(new Conversation(null));

/** The conversation that the address names; a new one at the root; null in another place. */
export const openConversation = signal(/** @type {Conversation | null} */ (null));

/** Keeps the open conversation up to date and the address in step with it; call it once. */
export function startOpenConversations() {
  effect(openNamedConversation);
  effect(nameCreatedConversation);
  effect(() => {
    const conversation = openConversation.value;
    untracked(() => conversation?.show());
    untracked(() => conversation?.refresh());
    return () => conversation?.hide();
  });
  onChange((conversationId, isHere) => {
    const open = openConversation.peek();
    if (!isHere && open?.id.peek() === conversationId) open.refresh();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) openConversation.peek()?.refresh();
  });
}

/**
 * Shows another branch, and names it in the address.
 *
 * @param {Conversation} conversation
 * @param {string} turnId
 */
export function showBranch(conversation, turnId) {
  conversation.selectedTurnId.value = turnId;
  navigate(chatAddress(conversation.id.value, turnId), { replace: true });
}

/** @param {Conversation} conversation Shows its newest branch from now on, also after a reload. */
export function followNewestBranch(conversation) {
  conversation.selectedTurnId.value = null;
  navigate(chatAddress(conversation.id.value), { replace: true });
}

function openNamedConversation() {
  if (route.value.place !== "chat") {
    openConversation.value = null;
    return;
  }
  const { conversationId, turnId } = route.value;
  const conversation = conversationId === null
    ? newConversation.value
    : conversationWith(conversationId);
  openConversation.value = conversation;
  if (turnId !== null) conversation.selectedTurnId.value = turnId;
}

/** A conversation gets its address with its first message, without leaving the screen. */
function nameCreatedConversation() {
  const conversation = newConversation.value;
  const id = conversation.id.value;
  if (id === null) return;
  keep(conversation);
  keepDraft(null, "");
  const isOpen = openConversation.peek() === conversation;
  if (isOpen) navigate(chatAddress(id), { replace: true });
  newConversation.value = new Conversation(null);
}

/** @param {string} id */
function conversationWith(id) {
  const conversation = kept.find((conversation) => conversation.id.peek() === id) ??
    new Conversation(id);
  keep(conversation);
  return conversation;
}

/** @param {Conversation} conversation */
function keep(conversation) {
  kept = [conversation, ...kept.filter((other) => other !== conversation)].slice(0, keptMax);
}
