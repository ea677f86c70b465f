/** Steps of a branch that have not changed stay the same objects, so that they are not drawn again. */

/**
 * @import { Place, Step } from "./turn_tree.js"
 * @import { Turn } from "./turn.js"
 */

export class KeptSteps {
  /** The steps of the branch as it was last drawn, by their turns. @type {Map<string, Step<Turn>>} */
  #steps = new Map();

  /** @param {Step<Turn>[]} branch */
  keep(branch) {
    const kept = branch.map((step) => {
      const before = this.#steps.get(step.turn.id);
      return before !== undefined && isSameStep(before, step) ? before : step;
    });
    this.#steps = new Map(kept.map((step) => [step.turn.id, step]));
    return kept;
  }
}

/**
 * @param {Step<Turn>} a
 * @param {Step<Turn>} b
 */
function isSameStep(a, b) {
  return a.turn === b.turn && isSamePlace(a.message, b.message) && isSamePlace(a.answer, b.answer);
}

/**
 * @param {Place} a
 * @param {Place} b
 */
function isSamePlace(a, b) {
  return a.index === b.index && a.count === b.count && a.previous === b.previous &&
    a.next === b.next;
}
