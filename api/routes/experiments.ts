/** Experiments: read by everyone, their prompts by operators alone; started, stopped and ended by operators. */
import { createRoute } from "@hono/zod-openapi";
import type { AnalyticsReader } from "../analytics_reader.ts";
import {
  describeExperiment,
  listExperiments,
  readStarted,
} from "../experiments/experiment_answers.ts";
import * as resultSchemas from "../experiments/experiment_result_schemas.ts";
import * as schemas from "../experiments/experiment_schemas.ts";
import type { Experiments } from "../experiments/experiments.ts";
import { RecentResults } from "../experiments/recent_results.ts";
import { withholdPrompts, withholdPromptsOfDetail } from "../experiments/withhold_prompts.ts";
import { findOperator, type OperatorOptions } from "../operator.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import { pageOf } from "../schemas.ts";

const tags = ["Experiments"];
const path = "/api/experiments";
const request = { params: schemas.experimentParams };
const changed = {
  200: jsonAnswer(schemas.experimentDetail, "The experiment as it stands now"),
  ...problemAnswers,
};

const list = createRoute({
  method: "get",
  path,
  tags,
  summary: "List experiments: those of turnlog.yaml, then those that were there once",
  responses: { 200: jsonAnswer(pageOf(schemas.experimentView), "All of them"), ...problemAnswers },
});

const read = createRoute({
  method: "get",
  path: `${path}/{experiment}`,
  tags,
  summary:
    "Read an experiment with its phases, the results of one of them, and what was done to it",
  request: { ...request, query: resultSchemas.phaseQuery },
  responses: { 200: jsonAnswer(schemas.experimentDetail, "The experiment"), ...problemAnswers },
});

const series = createRoute({
  method: "get",
  path: `${path}/{experiment}/series`,
  tags,
  summary: "Read how the lift of a metric came to be what it is, day by day",
  request: { ...request, query: resultSchemas.seriesQuery },
  responses: {
    200: jsonAnswer(resultSchemas.experimentSeries, "By variant and day"),
    ...problemAnswers,
  },
});

const segments = createRoute({
  method: "get",
  path: `${path}/{experiment}/segments`,
  tags,
  summary: "Read a metric by what was so before the exposure",
  request: { ...request, query: resultSchemas.segmentQuery },
  responses: {
    200: jsonAnswer(pageOf(resultSchemas.segmentResult), "By the segment's values"),
    ...problemAnswers,
  },
});

const start = createRoute({
  method: "post",
  path: `${path}/{experiment}/start`,
  tags,
  summary: "Start an experiment as turnlog.yaml defines it; for operators",
  request,
  responses: changed,
});

const stop = createRoute({
  method: "post",
  path: `${path}/{experiment}/stop`,
  tags,
  summary: "Stop an experiment: everybody is answered as without it; for operators",
  request,
  responses: changed,
});

const end = createRoute({
  method: "post",
  path: `${path}/{experiment}/end`,
  tags,
  summary: "End an experiment for good, with a winner or without; for operators",
  request: { ...request, ...jsonBody(schemas.endExperiment, false) },
  responses: changed,
});

interface ExperimentRoutesOptions extends OperatorOptions {
  experiments: Experiments;
  analytics: AnalyticsReader;
}

export function experimentRoutes(options: ExperimentRoutesOptions) {
  const { experiments, analytics } = options;
  const recent = new RecentResults(analytics);
  const sources = { experiments, analytics, recent };
  const readDetail = (name: string, phase?: number) => describeExperiment(name, phase, sources);
  return createRouter()
    .openapi(list, async (context) => {
      const all = await listExperiments(sources);
      const operator = await findOperator(context, options);
      const items = operator === null ? all.map(withholdPrompts) : all;
      return context.json({ items, nextCursor: null }, 200);
    })
    .openapi(series, async (context) => {
      const { metric, phase } = context.req.valid("query");
      const state = await readStarted(context.req.valid("param").experiment, phase, experiments);
      return context.json(await recent.series(state, metric), 200);
    })
    .openapi(segments, async (context) => {
      const { phase, ...asked } = context.req.valid("query");
      const state = await readStarted(context.req.valid("param").experiment, phase, experiments);
      const items = await recent.segments(state, asked);
      return context.json({ items, nextCursor: null }, 200);
    })
    .openapi(read, async (context) => {
      const { phase } = context.req.valid("query");
      const detail = await readDetail(context.req.valid("param").experiment, phase);
      const operator = await findOperator(context, options);
      return context.json(operator === null ? withholdPromptsOfDetail(detail) : detail, 200);
    })
    .openapi(start, async (context) => {
      const { experiment } = context.req.valid("param");
      await experiments.start(experiment, context.get("operator"));
      return context.json(await readDetail(experiment), 200);
    })
    .openapi(stop, async (context) => {
      const { experiment } = context.req.valid("param");
      await experiments.stop(experiment, context.get("operator"));
      return context.json(await readDetail(experiment), 200);
    })
    .openapi(end, async (context) => {
      const { experiment } = context.req.valid("param");
      const { winner } = context.req.valid("json");
      await experiments.end(experiment, winner, context.get("operator"));
      return context.json(await readDetail(experiment), 200);
    });
}
