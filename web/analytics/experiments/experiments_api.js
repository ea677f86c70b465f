/** Calls the routes of experiments. */
import { request } from "../../api.js";

/**
 * @import { Page } from "../../../events/contract/api.ts"
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 * @import { ExperimentResults, ExperimentSegment, ExperimentSeries, SegmentResult } from "../../../events/contract/experiment_results.ts"
 * @import { ExperimentDetail, ExperimentView } from "../../../events/contract/experiment_view.ts"
 */

export async function listExperiments() {
  return /** @type {Page<ExperimentView>} */ (await request("GET", "/api/experiments")).items;
}

/**
 * @param {string} name
 * @param {number | null} phase Whose results are told; null for the present one.
 */
export function readExperiment(name, phase) {
  const path = phase === null ? pathOf(name) : `${pathOf(name)}?phase=${phase}`;
  return /** @type {Promise<ExperimentDetail>} */ (request("GET", path));
}

/**
 * @param {string} name
 * @param {"start" | "stop" | "end"} act
 * @param {string | null} [winner] For `end`.
 */
export function changeExperiment(name, act, winner = null) {
  const body = act === "end" ? { body: winner === null ? {} : { winner } } : {};
  const answer = request("POST", `${pathOf(name)}/${act}`, body);
  return /** @type {Promise<ExperimentDetail>} */ (answer);
}

/** @typedef {Pick<ExperimentResults, "experiment" | "phase">} PhaseOfExperiment Whose results are asked for. */

/**
 * @param {PhaseOfExperiment} of
 * @param {MetricName} metric
 */
export function readSeries({ experiment, phase }, metric) {
  const path = `${pathOf(experiment)}/series?${queryOf({ phase, metric })}`;
  return /** @type {Promise<ExperimentSeries>} */ (request("GET", path));
}

/**
 * @param {PhaseOfExperiment} of
 * @param {MetricName} metric
 * @param {ExperimentSegment} segment
 */
export async function readSegments({ experiment, phase }, metric, segment) {
  const path = `${pathOf(experiment)}/segments?${queryOf({ phase, metric, segment })}`;
  return /** @type {Page<SegmentResult>} */ (await request("GET", path)).items;
}

/** @param {string} name */
function pathOf(name) {
  return `/api/experiments/${encodeURIComponent(name)}`;
}

/** @param {Record<string, string | number>} values */
function queryOf(values) {
  return new URLSearchParams(
    Object.entries(values).map(([name, value]) => [name, String(value)]),
  );
}
