/** Comparing two answers to one message: what a user says of them, and how a later word is known to be about the same two. */

/** `first` or `second` is better, both are as good, or neither is any good. */
export type ComparisonWinner = "first" | "second" | "tie" | "neither";

/** What a user has said last of two answers. */
export interface Comparison {
  /** The answers' turns, in the order that {@linkcode comparedTurns} gives them. */
  turnIds: [string, string];
  /** Who wrote them, by the models' names in `turnlog.yaml`: of each turn, the model of its last attempt. */
  models: [string, string];
  winner: ComparisonWinner;
}

/**
 * Two turns in the one order in which they are compared, shown and stated. Ids are drawn at random, so that neither the
 * earlier answer nor any model stands first more often.
 */
export function comparedTurns(a: string, b: string): [string, string] {
  return a < b ? [a, b] : [b, a];
}

/** @returns Whether both are about the same two answers. */
export function isSameComparison(
  a: Pick<Comparison, "turnIds">,
  b: Pick<Comparison, "turnIds">,
): boolean {
  return a.turnIds[0] === b.turnIds[0] && a.turnIds[1] === b.turnIds[1];
}
