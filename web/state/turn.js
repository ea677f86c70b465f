/** One turn on the screen: its facts, the answer as far as it is written, and what a person may do with it. */
import { batch, signal } from "@preact/signals";
import { isEnded } from "../../events/contract/conversation.ts";
import { applyPart } from "../../events/contract/stream_part.ts";
import {
  chooseTurnModel,
  getTurn,
  giveFeedback,
  isGone,
  messageOf,
  stopTurn,
  streamPath,
  withRetries,
} from "../api.js";
import { announce } from "./announcements.js";
import { applyPartToTurn, seamsOf } from "./live_turn.js";
import { onceAFrame } from "./once_a_frame.js";
import { followStream } from "./turn_follower.js";

/**
 * @import { TurnView } from "../../events/contract/api.ts"
 * @import { Answer, StreamPart } from "../../events/contract/stream_part.ts"
 *
 * Whether the server has the message. `waiting`: it cannot be reached, and is tried again; `error` says why it has not
 * got the message.
 * @typedef {{ state: "accepted" | "sending" | "waiting" } | { state: "failed", error: string }} Delivery
 */

/** How long the server may need until `GET` tells what the stream has told, in tries of half a second. */
const settleTriesMax = 10;
const settlePauseMs = 500;

/** @type {Answer} */
const noAnswer = { text: "", reasoning: "", seams: [] };

export class Turn {
  /** Everything but the growing text. */
  facts;
  /** The answer on the screen, renewed at most once a frame. */
  answer;
  delivery = signal(/** @type {Delivery} */ ({ state: "accepted" }));
  /** The connection to the stream: `lost` while it is being made again. */
  connection = signal(/** @type {"none" | "open" | "lost"} */ ("none"));
  /** True from the moment a person has said stop until the turn has ended. */
  stopping = signal(false);
  /** The model or route that a person has chosen instead, until it is asked. */
  chosen = signal(/** @type {string | null} */ (null));
  /** Why the last thing that was asked of this turn was not done. */
  actionError = signal(/** @type {string | null} */ (null));

  /** The answer as far as it has come, ahead of the screen by up to a frame. */
  #written;
  /** @type {{ close(): void } | null} */
  #stream = null;
  #show = onceAFrame(() => this.#showWritten());

  #onGone;

  /**
   * @param {TurnView} view
   * @param {() => void} onGone Called when the server does not know the turn any more.
   */
  constructor(view, onGone) {
    this.#onGone = onGone;
    this.id = view.id;
    this.parentTurnId = view.parentTurnId;
    this.regeneratedFrom = view.regeneratedFrom;
    this.facts = signal(view);
    this.#written = answerOf(view);
    this.answer = signal(this.#written);
  }

  get isEnded() {
    return isEnded(this.facts.value);
  }

  /** @param {TurnView} view What the server says of the turn, where its stream has not told more already. */
  update(view) {
    if (isSame(view, this.facts.value)) return;
    const isOlder = this.isEnded && view.attempts.length <= this.facts.value.attempts.length;
    if (!isEnded(view) && (this.#stream !== null || isOlder)) return;
    batch(() => {
      if (isEnded(view)) this.unfollow();
      this.facts.value = view;
      this.#written = answerOf(view);
      this.#showWritten();
    });
  }

  /** Follows the answer from its beginning; without effect where it has ended or is followed already. */
  follow() {
    if (this.#stream !== null || this.isEnded || this.delivery.value.state !== "accepted") return;
    this.#stream = followStream(streamPath(this.id), {
      onPart: (part) => this.#apply(part),
      onConnection: (state) => this.connection.value = state,
      onRefused: () => this.#checkExists(),
    });
  }

  unfollow() {
    this.#stream?.close();
    this.#stream = null;
    this.connection.value = "none";
  }

  /** Ends the answer at what the person has seen of it. */
  async stop() {
    if (this.isEnded || this.stopping.value) return;
    const seenLength = this.answer.value.text.length;
    batch(() => {
      this.stopping.value = true;
      this.actionError.value = null;
    });
    try {
      await withRetries(() => stopTurn(this.id, seenLength));
    } catch (error) {
      batch(() => {
        this.stopping.value = false;
        this.#showWritten();
      });
      this.#tell("The answer could not be stopped.", error);
    }
  }

  /**
   * Has another model or route asked in place of those that the turn waits for.
   *
   * @param {string} model
   */
  async choose(model) {
    if (this.isEnded) return;
    batch(() => {
      this.chosen.value = model;
      this.actionError.value = null;
    });
    try {
      await withRetries(() => chooseTurnModel(this.id, model));
      this.#setFacts({ route: model });
    } catch (error) {
      this.chosen.value = null;
      this.#tell(`${model} could not be asked.`, error);
    }
  }

  /** @param {"up" | "down" | null} rating */
  async rate(rating) {
    const before = this.facts.value.feedback;
    this.#setFacts({ feedback: { ...before, rating } });
    this.actionError.value = null;
    try {
      await withRetries(() => giveFeedback(this.id, rating));
    } catch (error) {
      this.#setFacts({ feedback: before });
      this.#tell("Your rating was not kept.", error);
    }
  }

  /** @param {StreamPart} part */
  #apply(part) {
    this.#written = applyPart(part.type === "start" ? noAnswer : this.#written, part);
    const facts = applyPartToTurn(this.facts.value, part, new Date().toISOString());
    if (part.type === "end") return this.#end(facts);
    if (facts !== this.facts.value) {
      const begins = facts.attempts.length === 1 && part.type === "attempt-start";
      if (begins) announce("The answer begins.");
      batch(() => {
        if (part.type === "attempt-start") this.chosen.value = null;
        this.facts.value = facts;
      });
    }
    this.#show();
  }

  /** @param {TurnView} facts */
  #end(facts) {
    batch(() => {
      this.stopping.value = false;
      this.chosen.value = null;
      this.facts.value = facts;
      this.#showWritten();
      this.unfollow();
    });
    announce(endAnnouncements[/** @type {keyof typeof endAnnouncements} */ (facts.status)]);
    this.#settle();
  }

  /** Fetches the facts that a stream does not carry, such as the time to the first token. */
  async #settle() {
    for (let tries = 0; tries < settleTriesMax; tries++) {
      try {
        const view = await getTurn(this.id);
        if (isEnded(view)) return this.update(view);
      } catch (error) {
        if (isGone(error)) return this.#onGone();
        // What the stream has told stands on the screen; the rest may come with the next try.
      }
      await new Promise((resolve) => setTimeout(resolve, settlePauseMs));
    }
  }

  /** A stream that the server refuses does not say why: the turn may have been deleted. */
  async #checkExists() {
    try {
      await getTurn(this.id);
    } catch (error) {
      if (isGone(error)) this.#onGone();
    }
  }

  /**
   * @param {string} what
   * @param {unknown} error Why it was not done.
   */
  #tell(what, error) {
    this.actionError.value = `${what} ${messageOf(error)}`;
    if (isGone(error)) this.#onGone();
  }

  #showWritten() {
    // What a person has stopped does not grow any more, even though the end is still on its way.
    if (!this.stopping.value) this.answer.value = this.#written;
  }

  /** @param {Partial<TurnView>} change */
  #setFacts(change) {
    this.facts.value = { ...this.facts.value, ...change };
  }
}

const endAnnouncements = {
  completed: "The answer is complete.",
  stopped: "The answer was stopped.",
  failed: "The message could not be answered.",
};

/**
 * An ended turn changes only by a rating, or by an operator who resets it: most turns need not be drawn again.
 *
 * @param {TurnView} a
 * @param {TurnView} b
 */
function isSame(a, b) {
  return isEnded(a) && a.status === b.status && a.endedAt === b.endedAt &&
    a.attempts.length === b.attempts.length && a.feedback.rating === b.feedback.rating;
}

/**
 * @param {TurnView} view
 * @returns {Answer}
 */
function answerOf(view) {
  return { text: view.text, reasoning: view.reasoning, seams: seamsOf(view) };
}
