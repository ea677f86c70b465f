/** Which turns are shown, as the address has it, and how many there are by what was counted. */

/**
 * @import { OperationCount, OperationStatus } from "../../events/contract/operations.ts"
 *
 * @typedef {{ status: OperationStatus, errorClass?: string, model?: string, provider?: string, conversation?: string }} TurnFilter
 */

/** In the order in which they stand on the page. @type {{ status: OperationStatus, title: string }[]} */
export const statuses = [
  { status: "live", title: "Live" },
  { status: "waiting", title: "Waiting" },
  { status: "failed", title: "Failed" },
];

const optionalNames = /** @type {const} */ (["errorClass", "model", "provider", "conversation"]);
/** What turns are counted by. */
const countedNames = /** @type {const} */ (["errorClass", "model", "provider"]);

/**
 * @param {URLSearchParams} search
 * @returns {TurnFilter} Failed turns, where the address does not say.
 */
export function parseFilter(search) {
  const status = statuses.find(({ status }) => status === search.get("status"))?.status ?? "failed";
  const others = optionalNames.flatMap((name) => {
    const value = search.get(name);
    return value ? [[name, value]] : [];
  });
  return { status, ...Object.fromEntries(others) };
}

/** @param {TurnFilter} filter */
export function filterSearch(filter) {
  const { status, ...others } = filter;
  const parameters = new URLSearchParams(status === "failed" ? {} : { status });
  for (const name of optionalNames) {
    const value = others[name];
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/**
 * @param {TurnFilter} filter
 * @returns {boolean} Whether it names more than a status.
 */
export function isNarrowed(filter) {
  return optionalNames.some((name) => filter[name] !== undefined);
}

/**
 * @param {OperationCount[]} counts
 * @param {TurnFilter} filter
 * @returns {number} How many turns it shows, whatever the conversation.
 */
export function countOf(counts, filter) {
  return sum(counts.filter((count) =>
    count.status === filter.status &&
    countedNames.every((name) => filter[name] === undefined || filter[name] === count[name])
  ));
}

/**
 * @param {OperationCount[]} counts
 * @param {TurnFilter} filter
 * @param {"errorClass" | "model" | "provider"} name
 * @returns {{ value: string, turns: number }[]} What else may be chosen beside the rest of the filter, the most frequent first.
 */
export function choicesOf(counts, filter, name) {
  const values = new Set(
    counts.filter(({ status }) => status === filter.status).map((count) => count[name]),
  );
  return [...values].filter((value) => value !== "")
    .map((value) => ({ value, turns: countOf(counts, { ...filter, [name]: value }) }))
    .sort((a, b) => b.turns - a.turns);
}

/** @param {OperationCount[]} counts */
function sum(counts) {
  return counts.reduce((total, { turns }) => total + turns, 0);
}
