/** How experiments are told in words: what was done to them, what a variant changes, how a difference is written. */
import { formatCount } from "../../format.js";

/**
 * @import { ExperimentAct, ExperimentView, ShownOverrides } from "../../../events/contract/experiment_view.ts"
 * @import { Estimate, Interval, MetricComparison } from "../../../events/contract/experiment_results.ts"
 */

/** @type {Record<ExperimentView["status"], string>} */
export const statusWords = {
  draft: "Draft",
  running: "Running",
  stopped: "Stopped",
  ended: "Ended",
};

/** @type {Record<MetricComparison["judgement"], string>} */
export const judgementWords = {
  better: "better",
  worse: "worse",
  unclear: "no clear difference",
  "too-little-data": "too little data",
  "no-price": "no price",
};

/**
 * @param {Pick<MetricComparison, "headline">} comparison
 * @returns {string | null} What was done to a lift that the means beside it do not show; null where it is theirs.
 */
export function adjustmentWords({ headline }) {
  return headline === "cuped" ? "adjusted (CUPED)" : null;
}

/** @param {ExperimentAct} act */
export function actWords({ type, phase, winner }) {
  switch (type) {
    case "experiment.started":
      return `Started, phase ${phase}`;
    case "experiment.changed":
      return `Changed: phase ${phase} began`;
    case "experiment.stopped":
      return "Stopped";
    case "experiment.ended":
      return winner === undefined ? "Ended without a winner" : `Ended: ${winner} won`;
  }
}

/** @param {Pick<ExperimentAct, "by" | "session">} act */
export function authorWords({ by, session }) {
  switch (by) {
    case "file":
      return "turnlog.yaml";
    case "token":
      return "an operator, by the token";
    case "session":
      return `an operator, sign-in ${session}`;
    case "loopback":
      return "someone on this machine";
    case "seed":
      return "deno task seed, which made it up";
  }
}

/**
 * @param {ShownOverrides} overrides
 * @returns {string[]} One line for each thing; none where it changes nothing.
 */
export function overrideWords({ route, model, candidates, systemPrompt, parameters, timeouts }) {
  return [
    ...(route === undefined ? [] : [`answered as the route ${route}`]),
    ...(candidates === undefined ? [] : [`asks ${candidates.join(", then ")}`]),
    ...(model === undefined ? [] : [`asks ${model} first`]),
    ...(systemPrompt === undefined ? [] : [promptWords(systemPrompt)]),
    ...valueWords(parameters),
    ...valueWords(timeouts),
  ];
}

/** @param {string | null} systemPrompt */
function promptWords(systemPrompt) {
  return systemPrompt === null
    ? "another system prompt, which operators can read"
    : `system prompt: ${systemPrompt}`;
}

/** @param {object | undefined} values */
function valueWords(values = {}) {
  return Object.entries(values).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
}

/** @param {number} share `0.5` is 50 %. */
export function formatShare(share) {
  return `${Number((share * 100).toFixed(2))}%`;
}

/** @param {number | null} lift A change with its sign: `+4.2%`; a true minus, as wide as the plus. */
export function formatLift(lift) {
  if (lift === null) return "–";
  const percent = Number((lift * 100).toFixed(Math.abs(lift) < 0.1 ? 1 : 0));
  return `${percent > 0 ? "+" : percent < 0 ? "\u2212" : ""}${formatCount(Math.abs(percent))}%`;
}

/** @param {Interval | null} interval */
export function formatInterval(interval) {
  return interval === null ? "–" : `${formatLift(interval.low)} to ${formatLift(interval.high)}`;
}

/** @param {number | null} pValue */
export function formatPValue(pValue) {
  if (pValue === null) return "–";
  return pValue < 0.001 ? "< 0.001" : pValue.toFixed(3);
}

/**
 * @param {Pick<MetricComparison, "headline" | "unadjusted" | "cuped">} comparison
 * @returns {Estimate} The one that is believed.
 */
export function headlineOf({ headline, unadjusted, cuped }) {
  return headline === "cuped" && cuped !== null ? cuped : unadjusted;
}
