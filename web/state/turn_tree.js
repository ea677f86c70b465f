/**
 * The tree of a conversation's turns, and the one branch of it that is on the screen. Turns with the same parent are
 * siblings: either other wordings of a message (edited) or other answers to the same message (regenerated).
 */

/**
 * @typedef {{ id: string, parentTurnId: string | null, regeneratedFrom: string | null }} TurnNode
 *
 * A place among siblings, counted from 0, with the turns to show on the way back and forth.
 * @typedef {{ index: number, count: number, previous: string | null, next: string | null }} Place
 */

/**
 * @template {TurnNode} Node
 * @typedef {{ turn: Node, message: Place, answer: Place }} Step
 */

/**
 * The branch through the selected turn, followed down to its newest turn; without a selection, or with an unknown
 * one, the branch that ends in the newest turn of all.
 *
 * @template {TurnNode} Node
 * @param {readonly Node[]} turns In the order in which they were sent: a parent comes before its children.
 * @param {string | null} selectedId
 * @returns {Step<Node>[]}
 */
export function branchOf(turns, selectedId) {
  const byId = new Map(turns.map((turn) => [turn.id, turn]));
  const children = childrenOf(turns, byId);
  const newest = newestBelow(turns, byId);
  const selected = pathTo(selectedId, byId);
  /** @type {Step<Node>[]} */
  const branch = [];
  let siblings = children.get(null);
  while (siblings !== undefined) {
    const turn = siblings.find(({ id }) => selected.has(id)) ?? newestOf(siblings, newest);
    branch.push({ turn, ...placesOf(turn, siblings, newest) });
    siblings = children.get(turn.id);
  }
  return branch;
}

/**
 * @template {TurnNode} Node
 * @param {Node} turn
 * @param {Node[]} siblings
 * @param {Map<string, number>} newest
 * @returns {{ message: Place, answer: Place }}
 */
function placesOf(turn, siblings, newest) {
  /** @type {Map<string, Node[]>} Every message with its answers, by the turn that brought the message. */
  const messages = new Map();
  const ids = new Map(siblings.map((sibling) => [sibling.id, sibling]));
  for (const sibling of siblings) {
    const message = originOf(sibling, ids);
    messages.set(message, [...(messages.get(message) ?? []), sibling]);
  }
  const own = originOf(turn, ids);
  const shown = [...messages.values()].map((answers) => newestOf(answers, newest).id);
  const answers = (messages.get(own) ?? []).map(({ id }) => id);
  return {
    message: placeAt([...messages.keys()].indexOf(own), shown),
    answer: placeAt(answers.indexOf(turn.id), answers),
  };
}

/**
 * @param {number} index
 * @param {string[]} ids
 * @returns {Place}
 */
function placeAt(index, ids) {
  return {
    index,
    count: ids.length,
    previous: ids[index - 1] ?? null,
    next: ids[index + 1] ?? null,
  };
}

/**
 * The turn that brought the message, of which the others are other answers.
 *
 * @template {TurnNode} Node
 * @param {Node} turn
 * @param {Map<string, Node>} siblings
 * @returns {string} Its id.
 */
export function originOf(turn, siblings) {
  let origin = turn;
  // A turn is regenerated from an earlier one, so that this ends; the bound guards against foreign data.
  for (let steps = 0; origin.regeneratedFrom !== null && steps < siblings.size; steps++) {
    const earlier = siblings.get(origin.regeneratedFrom);
    if (earlier === undefined) break;
    origin = earlier;
  }
  return origin.id;
}

/**
 * @template {TurnNode} Node
 * @param {readonly Node[]} turns
 * @param {Map<string, Node>} byId
 */
function childrenOf(turns, byId) {
  /** @type {Map<string | null, Node[]>} */
  const children = new Map();
  for (const turn of turns) {
    const parent = parentOf(turn, byId);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [turn]);
    else siblings.push(turn);
  }
  return children;
}

/**
 * @param {readonly TurnNode[]} turns
 * @param {Map<string, TurnNode>} byId
 * @returns {Map<string, number>} For each turn, the place in the list of the newest turn below it or itself.
 */
function newestBelow(turns, byId) {
  /** @type {Map<string, number>} */
  const newest = new Map();
  for (let index = turns.length - 1; index >= 0; index--) {
    const turn = turns[index];
    const own = Math.max(index, newest.get(turn.id) ?? -1);
    newest.set(turn.id, own);
    const parent = parentOf(turn, byId);
    if (parent !== null) newest.set(parent, Math.max(own, newest.get(parent) ?? -1));
  }
  return newest;
}

/**
 * @template {TurnNode} Node
 * @param {Node[]} siblings At least one.
 * @param {Map<string, number>} newest
 */
function newestOf(siblings, newest) {
  return siblings.reduce((a, b) => (newest.get(b.id) ?? 0) > (newest.get(a.id) ?? 0) ? b : a);
}

/**
 * @param {string | null} id
 * @param {Map<string, TurnNode>} byId
 */
function pathTo(id, byId) {
  /** @type {Set<string>} */
  const path = new Set();
  let turn = id === null ? undefined : byId.get(id);
  while (turn !== undefined && !path.has(turn.id)) {
    path.add(turn.id);
    turn = turn.parentTurnId === null ? undefined : byId.get(turn.parentTurnId);
  }
  return path;
}

/**
 * @param {TurnNode} turn
 * @param {Map<string, TurnNode>} byId
 * @returns {string | null} A parent that is not in the list counts as the root, so that no turn is hidden.
 */
function parentOf({ parentTurnId }, byId) {
  return parentTurnId !== null && byId.has(parentTurnId) ? parentTurnId : null;
}
