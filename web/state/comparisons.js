/** What a person has said of answers beside each other: the last vote on each two answers of a conversation. */
import { signal } from "@preact/signals";
import { comparedTurns, isSameComparison } from "../../events/contract/comparison.ts";
import { voteOnAnswers, withRetries } from "../api.js";

/**
 * @import { Comparison, ComparisonWinner } from "../../events/contract/comparison.ts"
 * @import { Turn } from "./turn.js"
 */

export class Comparisons {
  #votes = signal(/** @type {readonly Comparison[]} */ ([]));
  /** Votes leave one after the other, so that the last one here is the last one for the server too. */
  #sent = /** @type {Promise<unknown>} */ (Promise.resolve());

  /** @param {readonly Comparison[]} votes What the server says. */
  update(votes) {
    this.#votes.value = votes;
  }

  /**
   * @param {readonly [Turn, Turn]} pair
   * @returns {ComparisonWinner | null} Null where there is no vote on them.
   */
  winnerOf(pair) {
    return this.#voteOn(idsOf(pair))?.winner ?? null;
  }

  /**
   * Shows the vote at once, and takes it back where the server has not taken it.
   *
   * @param {readonly [Turn, Turn]} pair As {@linkcode pairOf} gives it.
   * @param {ComparisonWinner} winner
   * @throws RequestError
   */
  async vote(pair, winner) {
    const turnIds = idsOf(pair);
    const before = this.#voteOn(turnIds);
    /** @type {Comparison} */
    const vote = { turnIds, models: [modelOf(pair[0]), modelOf(pair[1])], winner };
    this.#replace(before, vote);
    const sent = this.#sent.then(() => withRetries(() => voteOnAnswers(turnIds, winner)));
    this.#sent = sent.catch(() => {});
    try {
      await sent;
    } catch (error) {
      this.#replace(vote, before);
      throw error;
    }
  }

  /** @param {[string, string]} turnIds */
  #voteOn(turnIds) {
    return this.#votes.value.find((vote) => isSameComparison(vote, { turnIds }));
  }

  /**
   * @param {Comparison | undefined} before Nothing is done where it is not there any more.
   * @param {Comparison | undefined} after
   */
  #replace(before, after) {
    const votes = this.#votes.value;
    if (before !== undefined && !votes.includes(before)) return;
    this.#votes.value = [...votes.filter((vote) => vote !== before), ...(after ? [after] : [])];
  }
}

/**
 * All answers to the message of a turn, in the order in which they were asked for.
 *
 * @param {Turn} turn
 * @param {readonly Turn[]} turns Of the conversation.
 */
export function answersBeside(turn, turns) {
  const { message } = turn.facts.value;
  return turns.filter((other) =>
    other.parentTurnId === turn.parentTurnId && other.facts.value.message === message
  );
}

/** @param {Turn} turn Whether there is a whole answer to compare. */
export function isComparable(turn) {
  const { status, text } = turn.facts.value;
  return status === "completed" && text !== "";
}

/**
 * @param {Turn} turn
 * @param {Turn} other
 * @returns {[Turn, Turn]} In the order of their ids, which is drawn at random and stays.
 */
export function pairOf(turn, other) {
  return comparedTurns(turn.id, other.id)[0] === turn.id ? [turn, other] : [other, turn];
}

/** @param {Turn} turn Its model, as `turnlog.yaml` calls it. */
export function modelOf(turn) {
  return turn.facts.value.attempts.at(-1)?.model ?? "";
}

/**
 * @param {readonly [Turn, Turn]} pair
 * @returns {[string, string]}
 */
function idsOf([first, second]) {
  return [first.id, second.id];
}
