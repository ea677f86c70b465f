/** OpenAI's chat completions and models, for its official clients and whatever else speaks them. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Catalogue } from "../catalogue.ts";
import { ProblemError } from "../problem.ts";
import { programErrorOf } from "../program_error.ts";
import { answerStream } from "../program_stream.ts";
import { type FollowedTurn, type ProgramTurns, turnHeaders } from "../program_turns.ts";
import { type ApiEnvironment, createRouter, invalidRequest } from "../router.ts";
import { completionOf, turnIdOf } from "./completion.ts";
import { completionFrames } from "./completion_stream.ts";
import { openAiError } from "./error.ts";
import { mapRequest } from "./map_request.ts";
import { listedModel } from "./model.ts";
import { completionRequest } from "./request_schema.ts";
import * as schemas from "./answer_schemas.ts";

const tags = ["For programs: OpenAI"];

const createCompletion = createRoute({
  method: "post",
  path: "/v1/chat/completions",
  tags,
  summary: "Answer messages, as a durable turn",
  description:
    "As OpenAI's. The turn's id stands in `x-turnlog-turn-id`; it goes on when the client leaves, unless " +
    "`x-turnlog-on-disconnect: stop` was sent. The same `Idempotency-Key` with the same body is the same turn. " +
    "`x-turnlog-conversation-id` makes it a further turn of that conversation.",
  request: {
    headers: schemas.callHeaders,
    body: { content: { "application/json": { schema: completionRequest } }, required: true },
  },
  responses: schemas.completionAnswers,
});

const readCompletion = createRoute({
  method: "get",
  path: "/v1/chat/completions/{completionId}",
  tags,
  summary: "Read a completion again, or go on with one that is under way",
  description:
    "By its id or by that of its turn. Answers when the turn has ended, or streams it: all of it, or what follows " +
    "`after` (or `Last-Event-ID`), the `id` of an event.",
  request: {
    params: z.object({ completionId: z.string() }),
    query: schemas.resumeQuery,
  },
  responses: schemas.completionAnswers,
});

const listModels = createRoute({
  method: "get",
  path: "/v1/models",
  tags,
  summary: "List routes and models, each a model by its name",
  responses: schemas.modelListAnswers,
});

const readModel = createRoute({
  method: "get",
  path: "/v1/models/{model}",
  tags,
  summary: "Read one of them",
  request: { params: z.object({ model: z.string() }) },
  responses: schemas.modelAnswers,
});

export function openAiRoutes(
  { turns, catalogue }: { turns: ProgramTurns; catalogue: Catalogue },
) {
  const router = createRouter();
  // Described only: the body was read already, and is checked below without being parsed again.
  router.openAPIRegistry.registerPath(createCompletion);
  router.post("/v1/chat/completions", async (context) => {
    const parsed = completionRequest.safeParse(context.get("body") ?? {});
    if (!parsed.success) throw invalidRequest(parsed.error, "body");
    const { stream, stream_options } = parsed.data;
    const turn = await turns.start(mapRequest(parsed.data), context);
    if (!stream) return await answerWhole(turn, context);
    return await answerInChunks(turn, context, stream_options?.include_usage ?? false);
  });

  return router
    .openapi(readCompletion, async (context) => {
      const turnId = turnIdOf(context.req.valid("param").completionId);
      const { stream, after, include_usage } = context.req.valid("query");
      const place = after ?? context.req.header("last-event-id");
      const turn = await turns.resume(turnId, place, context);
      if (stream !== "true") return await answerWhole(turn, context);
      return await answerInChunks(turn, context, include_usage === "true");
    })
    .openapi(listModels, async (context) => {
      const models = await catalogue.list();
      return context.json({ object: "list" as const, data: models.map(listedModel) }, 200);
    })
    .openapi(readModel, async (context) => {
      const { model: name } = context.req.valid("param");
      const model = (await catalogue.list()).find((model) => model.name === name);
      if (model === undefined) {
        const message = `There is no model or route ${name}; GET /v1/models lists them`;
        throw new ProblemError("unknown-model", message, { errors: [{ path: "model", message }] });
      }
      return context.json(listedModel(model), 200);
    });

  async function answerWhole(turn: FollowedTurn, context: Context<ApiEnvironment>) {
    const ended = await turns.untilEnded(turn, context.req.raw.signal);
    return context.json(completionOf(ended), 200, turnHeaders(turn));
  }

  function answerInChunks(
    turn: FollowedTurn,
    context: Context<ApiEnvironment>,
    includeUsage: boolean,
  ): Promise<Response> {
    const { signal } = context.req.raw;
    return answerStream(completionFrames(turns.follow(turn, signal), turn, includeUsage), {
      headers: turnHeaders(turn),
      signal,
      errorFrame: (error) => `data: ${JSON.stringify(openAiError(programErrorOf(error)))}\n\n`,
    });
  }
}
