/** The whole HTTP side of Turnlog, put together from its parts. */
import type { PayloadCodec } from "@temporalio/common";
import type { MiddlewareHandler } from "hono";
import type { Readiness } from "../events/health_server.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { refuseUnknownMethods } from "./allowed_methods.ts";
import type { AnalyticsReader } from "./analytics_reader.ts";
import {
  answerProgramError,
  answerProgramNotFound,
  isForPrograms,
} from "./answer_program_error.ts";
import { anthropicRoutes } from "./anthropic/routes.ts";
import type { Backtests } from "./backtests.ts";
import { identifyCaller } from "./caller.ts";
import type { Catalogue } from "./catalogue.ts";
import { guardCodec } from "./codec_guard.ts";
import type { Experiments } from "./experiments/experiments.ts";
import type { Exports } from "./exports.ts";
import { guardHost } from "./host_guard.ts";
import type { LiveHub } from "./live_hub.ts";
import { requests } from "./metrics.ts";
import type { ModelOperations } from "./model_operations.ts";
import { openAiRoutes } from "./openai/routes.ts";
import type { Operations } from "./operations.ts";
import { requireOperator } from "./operator.ts";
import { answerError, answerNotFound } from "./problem.ts";
import { ProgramTurns } from "./program_turns.ts";
import { readBody } from "./request_body.ts";
import { createRouter } from "./router.ts";
import { analystRoutes } from "./routes/analyst.ts";
import { analyticsRoutes } from "./routes/analytics.ts";
import { backtestRoutes } from "./routes/backtests.ts";
import { codecRoutes } from "./routes/codec.ts";
import { consentRoutes } from "./routes/consent.ts";
import { comparisonRoutes } from "./routes/comparisons.ts";
import { conversationRoutes } from "./routes/conversations.ts";
import { docsRoutes } from "./routes/docs.ts";
import { experimentRoutes } from "./routes/experiments.ts";
import { exportRoutes } from "./routes/exports.ts";
import { healthRoutes } from "./routes/health.ts";
import { modelOperationRoutes } from "./routes/model_operations.ts";
import { modelRoutes } from "./routes/models.ts";
import { operationRoutes } from "./routes/operations.ts";
import { operatorSessionRoutes } from "./routes/operator_session.ts";
import { programModelRoutes } from "./routes/program_models.ts";
import { streamRoutes } from "./routes/stream.ts";
import { turnModelRoutes } from "./routes/turn_model.ts";
import { turnRoutes } from "./routes/turns.ts";
import type { AnalystQueries } from "./sql/analyst_queries.ts";
import type { TurnRequests } from "./turn_requests.ts";
import { identifyUser } from "./user.ts";
import { webFiles } from "./web_files.ts";

export interface AppOptions {
  /** The address on which the server listens. */
  host: string;
  /** Signs the users' cookies. */
  secret: string;
  /** The keys of the API for programs; none where it is open to this machine. */
  apiKeys: readonly string[];
  /** Who knows it may operate; everyone on this machine where it is undefined. */
  operatorToken: string | undefined;
  store: EventStore;
  hub: LiveHub;
  catalogue: Catalogue;
  turns: TurnRequests;
  models: ModelOperations;
  /** Encrypts and decrypts what Temporal stores. */
  payloadCodec: PayloadCodec;
  /** Where the Temporal UI is for a browser: its pages may have payloads decoded. */
  temporalUiUrl: string | undefined;
  operations: Operations;
  analytics: AnalyticsReader;
  analyst: AnalystQueries;
  backtests: Backtests;
  experiments: Experiments;
  exports: Exports;
  checkReadiness: () => Promise<{ needed: Readiness; optional: Readiness }>;
}

export async function createApp(options: AppOptions) {
  const { host, secret, apiKeys, checkReadiness } = options;
  const api = createRouter()
    .route("/", conversationRoutes(options))
    .route("/", turnRoutes(options))
    .route("/", turnModelRoutes(options))
    .route("/", comparisonRoutes(options))
    .route("/", streamRoutes(options))
    .route("/", modelRoutes(options))
    .route("/", analyticsRoutes(options))
    .route("/", analystRoutes(options))
    .route("/", experimentRoutes(options))
    .route("/", modelOperationRoutes(options))
    .route("/", backtestRoutes(options))
    .route("/", consentRoutes("/api/me/consent", options))
    .route("/", exportRoutes(options))
    .route("/", operatorSessionRoutes(options))
    .route("/", operationRoutes(options))
    .route("/", codecRoutes(options));
  const programTurns = new ProgramTurns(options);
  const programs = createRouter()
    .route("/", openAiRoutes({ turns: programTurns }))
    .route("/", anthropicRoutes({ turns: programTurns }))
    .route("/", programModelRoutes(options))
    .route("/", consentRoutes("/v1/me/consent", options));

  const app = createRouter();
  app.onError((error, context) =>
    isForPrograms(context) ? answerProgramError(error, context) : answerError(error, context)
  );
  app.notFound((context) =>
    isForPrograms(context) ? answerProgramNotFound(context) : answerNotFound(context)
  );
  // Before all else: whoever checks the process may call it by any name.
  const health = healthRoutes(checkReadiness);
  const docs = docsRoutes(createRouter().route("/", api).route("/", programs));
  app.route("/", health);
  app.use("*", guardHost(host), measure, refuseUnknownMethods([health, docs, api, programs]));
  app.use("*", readBody());
  app.route("/", docs);
  // The page as well as the API, so that its first requests, which come all at once, are one user's.
  const identify = identifyUser(secret);
  for (const path of ["/", "/c/*", "/analytics/*", "/operations", "/api/*"]) {
    app.use(path, identify);
  }
  const forOperators = ["/api/operations/*", "/api/analytics/query", "/api/analytics/tables"];
  for (const path of [...forOperators, "/api/exports", "/api/exports/*"]) {
    app.use(path, requireOperator(options));
  }
  app.on("POST", "/api/experiments/*", requireOperator(options));
  app.use("/api/codec/*", ...guardCodec(options));
  app.route("/", api);
  app.use("/v1/*", identifyCaller({ host, secret, apiKeys }));
  app.route("/", programs);
  app.use("*", await webFiles());
  return app;
}

/** Measures every request under its route's pattern, so that ids do not make a series each. */
const measure: MiddlewareHandler = async (context, next) => {
  const startMs = performance.now();
  await next();
  const route = context.req.matchedRoutes.findLast(({ path }) => path !== "/*")?.path ?? "files";
  const labels = { method: context.req.method, route, status: context.res.status };
  requests.observe(labels, (performance.now() - startMs) / 1000);
};
