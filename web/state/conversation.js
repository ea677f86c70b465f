/** One conversation on the screen: its turns, the branch of them that is shown, and how messages are sent. */
import { batch, computed, signal } from "@preact/signals";
import {
  createConversation,
  getConversation,
  isGone,
  messageOf,
  regenerateTurn,
  RequestError,
  sendTurn,
  withRetries,
} from "../api.js";
import { tellChange } from "./changes.js";
import { Comparisons } from "./comparisons.js";
import { draftOf } from "./drafts.js";
import { KeptSteps } from "./kept_steps.js";
import { askedTurn } from "./live_turn.js";
import { keepTrying } from "./keep_trying.js";
import {
  canLock,
  outgoingMessage,
  outgoingMessages,
  putOutgoing,
  removeOutgoing,
  whileLocked,
} from "./outbox.js";
import { Turn } from "./turn.js";
import { branchOf, originOf } from "./turn_tree.js";

/**
 * @import { ConversationDetail } from "../../events/contract/api.ts"
 * @import { ComparisonWinner } from "../../events/contract/comparison.ts"
 *
 * `missing`: the server knows no such conversation.
 * @typedef {{ state: "loading" | "loaded" | "missing" } | { state: "failed", error: string }} Loading
 */

/** Streams that are followed at once, newest first: browsers open only six connections to a server. */
const followedMax = 3;

export class Conversation {
  /** Names it from the first moment, before the server has given it an id. */
  key = crypto.randomUUID();
  id;
  title = signal(/** @type {string | null} */ (null));
  loading = signal(/** @type {Loading} */ ({ state: "loading" }));
  /** All turns, in the order in which they were sent. */
  turns = signal(/** @type {Turn[]} */ ([]));
  /** A turn that the shown branch goes through; null for the newest branch. */
  selectedTurnId = signal(/** @type {string | null} */ (null));
  /** What is written but not sent yet. */
  draft;
  /** The model or route that a person has chosen for the next message; null where it is the one asked last. */
  model = signal(/** @type {string | null} */ (null));
  /** The turn whose message is being put in other words; null while a new message is written. */
  editing = signal(/** @type {Turn | null} */ (null));
  comparisons = new Comparisons();
  #steps = new KeptSteps();
  /** The turns on the screen, with their places among their siblings. */
  branch = computed(() => this.#steps.keep(branchOf(this.turns.value, this.selectedTurnId.value)));

  #shown = false;
  /** @type {Promise<string> | null} */
  #creation = null;
  /** What ends the tries to deliver a message, by its turn. @type {Map<string, AbortController>} */
  #deliveries = new Map();

  /** @param {string | null} id Null for a conversation that is still to be created. */
  constructor(id) {
    this.id = signal(id);
    this.draft = signal(draftOf(id));
    if (id !== null) return;
    this.loading.value = { state: "loaded" };
    this.#takeUpOutgoing();
  }

  /** The last turn on the screen. */
  get lastTurn() {
    return this.branch.value.at(-1)?.turn ?? null;
  }

  /**
   * The model or route that the last message on the screen was sent to, null for the default one: another answer to it
   * may have been asked of another one, for once.
   */
  get lastRoute() {
    const { lastTurn } = this;
    if (lastTurn === null) return null;
    const turns = new Map(this.turns.value.map((turn) => [turn.id, turn]));
    return turns.get(originOf(lastTurn, turns))?.facts.value.route || null;
  }

  /** Begins to follow what is under way; the opposite of {@linkcode hide}. */
  show() {
    this.#shown = true;
    this.#follow();
  }

  hide() {
    this.#shown = false;
    for (const turn of this.turns.value) turn.unfollow();
  }

  /** Fetches the conversation, the first time or once more. */
  async refresh() {
    const id = this.id.value;
    if (id === null) return;
    try {
      this.#update(await getConversation(id));
    } catch (error) {
      // An address that was typed wrong is no id at all.
      const isMissing = error instanceof RequestError && [400, 404, 422].includes(error.status);
      if (isMissing) this.#end(id);
      else if (this.loading.value.state !== "loaded") {
        this.loading.value = { state: "failed", error: messageOf(error) };
      }
    }
  }

  /**
   * Sends a message: it is on the screen at once, and kept until the server has accepted it.
   *
   * @param {{ text: string, model: string | null, parentTurnId: string | null }} message
   */
  async send({ text, model, parentTurnId }) {
    const sentAt = new Date().toISOString();
    const message = { turnId: crypto.randomUUID(), conversationId: this.id.value, text, model };
    putOutgoing({ ...message, parentTurnId, sentAt });
    const turn = this.#addOutgoing({ ...message, parentTurnId, sentAt });
    this.selectedTurnId.value = turn.id;
    await this.deliver(turn);
  }

  /**
   * Sends a message until the server has it: the same turn id makes it the same turn, whatever arrived before.
   *
   * @param {Turn} turn
   * @param {{ isTakenUp?: boolean }} [options] `isTakenUp`: another tab may have it in hand.
   */
  async deliver(turn, { isTakenUp = false } = {}) {
    this.#deliveries.get(turn.id)?.abort();
    const delivery = new AbortController();
    this.#deliveries.set(turn.id, delivery);
    const { signal } = delivery;
    turn.delivery.value = { state: "sending" };
    try {
      await whileLocked(turn.id, signal, async () => {
        if (isTakenUp && outgoingMessage(turn.id) === undefined) return this.#drop(turn);
        await keepTrying(() => this.#sendTurn(turn, signal), {
          signal,
          onWait: () => turn.delivery.value = { state: "waiting" },
        });
      });
    } catch (error) {
      if (signal.aborted) return;
      turn.delivery.value = { state: "failed", error: messageOf(error) };
      if (isGone(error)) this.refresh();
    } finally {
      if (this.#deliveries.get(turn.id) === delivery) this.#deliveries.delete(turn.id);
    }
  }

  /** @param {Turn} turn A message that the server does not have is forgotten. */
  discard(turn) {
    this.#deliveries.get(turn.id)?.abort();
    removeOutgoing(turn.id);
    batch(() => {
      this.#remove(turn);
      this.selectedTurnId.value = turn.parentTurnId;
    });
  }

  /**
   * Takes a message that the server does not have back into the composer.
   *
   * @param {Turn} turn
   */
  takeBack(turn) {
    batch(() => {
      this.discard(turn);
      const { message } = turn.facts.value;
      this.draft.value = [message, this.draft.value].filter(Boolean).join("\n\n");
    });
  }

  /**
   * Asks for another answer to the same message, beside the one that is there.
   *
   * @param {Turn} turn
   * @param {string} [model] Another model or route than the turn asked for.
   */
  async regenerate(turn, model) {
    const { conversationId, parentTurnId, message, route } = turn.facts.value;
    const asked = { conversationId, parentTurnId, message, route: model ?? route };
    const id = crypto.randomUUID();
    const other = this.#turn(
      askedTurn({ ...asked, id, regeneratedFrom: turn.id }, new Date().toISOString()),
    );
    other.delivery.value = { state: "sending" };
    batch(() => {
      turn.actionError.value = null;
      this.#add(other);
      this.selectedTurnId.value = id;
    });
    try {
      await withRetries(() => regenerateTurn(turn.id, { turnId: id, ...(model && { model }) }));
      other.delivery.value = { state: "accepted" };
      tellChange(conversationId);
      this.#follow();
    } catch (error) {
      batch(() => {
        this.#remove(other);
        this.selectedTurnId.value = turn.id;
        turn.actionError.value = `There is no other answer. ${messageOf(error)}`;
      });
      if (isGone(error)) this.refresh();
    }
  }

  /**
   * @param {[Turn, Turn]} pair Two answers to one message.
   * @param {ComparisonWinner} winner
   * @throws RequestError where the vote was not kept.
   */
  async vote(pair, winner) {
    await this.comparisons.vote(pair, winner);
    tellChange(pair[0].facts.value.conversationId);
  }

  /**
   * @param {Turn} turn
   * @param {AbortSignal} signal
   */
  async #sendTurn(turn, signal) {
    const { message: text, parentTurnId, route: model } = turn.facts.value;
    this.#creation ??= this.#create(turn);
    const conversationId = await this.#creation;
    const message = { turnId: turn.id, text, parentTurnId, ...(model !== "" && { model }) };
    await sendTurn(conversationId, message, signal);
    removeOutgoing(turn.id);
    turn.delivery.value = { state: "accepted" };
    tellChange(conversationId);
    this.#follow();
  }

  /**
   * @param {Turn} first
   * @returns {Promise<string>} The id, once the server has given one.
   */
  async #create(first) {
    if (this.id.value !== null) return this.id.value;
    try {
      // Another page may have come as far as this with the message.
      const id = outgoingMessage(first.id)?.conversationId ?? (await createConversation()).id;
      for (const message of outgoingMessages(null)) {
        const isOwn = this.turns.value.some((turn) => turn.id === message.turnId);
        if (isOwn) putOutgoing({ ...message, conversationId: id });
      }
      this.id.value = id;
      return id;
    } catch (error) {
      this.#creation = null;
      throw error;
    }
  }

  /** @param {ConversationDetail} detail */
  #update(detail) {
    const known = new Map(this.turns.value.map((turn) => [turn.id, turn]));
    const turns = detail.turns.map((view) => {
      const turn = known.get(view.id);
      if (turn === undefined) return this.#turn(view);
      known.delete(view.id);
      removeOutgoing(view.id);
      turn.delivery.value = { state: "accepted" };
      turn.update(view);
      return turn;
    });
    batch(() => {
      this.title.value = detail.title;
      this.comparisons.update(detail.comparisons);
      // What is on its way to the server is not in its answer yet.
      this.turns.value = [...turns, ...known.values()];
      if (this.loading.value.state !== "loaded") this.#takeUpOutgoing();
      this.loading.value = { state: "loaded" };
    });
    this.#follow();
  }

  #follow() {
    if (!this.#shown) return;
    const running = this.turns.value.filter((turn) => !turn.isEnded);
    for (const turn of running.slice(-followedMax)) turn.follow();
  }

  /** Messages that an earlier page could not deliver are shown again, and delivered. */
  #takeUpOutgoing() {
    const error = "The server has not confirmed it.";
    for (const message of outgoingMessages(this.id.value)) {
      if (this.turns.value.some(({ id }) => id === message.turnId)) continue;
      const turn = this.#addOutgoing(message);
      // Where another tab cannot be kept from it, both would make a conversation.
      if (canLock || message.conversationId !== null) this.deliver(turn, { isTakenUp: true });
      else turn.delivery.value = { state: "failed", error };
    }
  }

  /** @param {Turn} turn Another tab has delivered it, or given it up. */
  #drop(turn) {
    this.#remove(turn);
    this.refresh();
  }

  /** @param {string} id The server knows no such conversation, or none any more. */
  #end(id) {
    const wasThere = this.loading.value.state === "loaded";
    for (const turn of this.turns.value) turn.unfollow();
    this.loading.value = { state: "missing" };
    if (wasThere) tellChange(id);
  }

  /** @param {import("../../events/contract/api.ts").TurnView} view */
  #turn(view) {
    return new Turn(view, () => this.refresh());
  }

  /** @param {import("./outbox.js").OutgoingMessage} message */
  #addOutgoing({ turnId, conversationId, text, model, parentTurnId, sentAt }) {
    const turn = this.#turn(
      askedTurn({
        id: turnId,
        conversationId: conversationId ?? "",
        parentTurnId,
        regeneratedFrom: null,
        route: model ?? "",
        message: text,
      }, sentAt),
    );
    this.#add(turn);
    return turn;
  }

  /** @param {Turn} turn */
  #add(turn) {
    this.turns.value = [...this.turns.value, turn];
  }

  /** @param {Turn} turn */
  #remove(turn) {
    this.turns.value = this.turns.value.filter(({ id }) => id !== turn.id);
  }
}
