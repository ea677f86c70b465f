/** Calls the routes of experiments. */
import { request } from "../../api.js";

/**
 * @import { Page } from "../../../events/contract/api.ts"
 * @import { MetricName } from "../../../events/contract/experiment_metrics.ts"
 * @import { ExperimentSegment, ExperimentSeries, SegmentResult } from "../../../events/contract/experiment_results.ts"
 * @import { ExperimentDetail, ExperimentView } from "../../../events/contract/experiment_view.ts"
 */

export async function listExperiments() {
  return /** @type {Page<ExperimentView>} */ (await request("GET", "/api/experiments")).items;
}

/** @param {string} name */
export function readExperiment(name) {
  return /** @type {Promise<ExperimentDetail>} */ (request("GET", pathOf(name)));
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

/**
 * @param {string} name
 * @param {MetricName} metric
 */
export function readSeries(name, metric) {
  const path = `${pathOf(name)}/series?${new URLSearchParams({ metric })}`;
  return /** @type {Promise<ExperimentSeries>} */ (request("GET", path));
}

/**
 * @param {string} name
 * @param {MetricName} metric
 * @param {ExperimentSegment} segment
 */
export async function readSegments(name, metric, segment) {
  const path = `${pathOf(name)}/segments?${new URLSearchParams({ metric, segment })}`;
  return /** @type {Page<SegmentResult>} */ (await request("GET", path)).items;
}

/** @param {string} name */
function pathOf(name) {
  return `/api/experiments/${encodeURIComponent(name)}`;
}
