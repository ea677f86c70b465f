/** OpenAI's chat completions, for its official clients and whatever else speaks them. */
import { createRoute, z } from "@hono/zod-openapi";
import { answerProgram, type AnswerShape } from "../program_answer.ts";
import { programErrorOf } from "../program_error.ts";
import { callHeaders, resumeQuery } from "../program_schemas.ts";
import type { ProgramTurns } from "../program_turns.ts";
import { createRouter, invalidRequest } from "../router.ts";
import { completionAnswers } from "./answer_schemas.ts";
import { completionOf, turnIdOf } from "./completion.ts";
import { completionFrames } from "./completion_stream.ts";
import { openAiError } from "./error.ts";
import { mapRequest } from "./map_request.ts";
import { completionRequest } from "./request_schema.ts";

const tags = ["For programs"];

const create = createRoute({
  method: "post",
  path: "/v1/chat/completions",
  tags,
  summary: "Answer messages as OpenAI does, as a durable turn",
  description:
    "The turn's id stands in `x-turnlog-turn-id`. The turn goes on when the client leaves, unless " +
    "`x-turnlog-on-disconnect: stop` was sent. The same `Idempotency-Key` with the same body is the same turn. " +
    "`x-turnlog-conversation-id` makes it a further turn of that conversation.",
  request: {
    headers: callHeaders,
    body: { content: { "application/json": { schema: completionRequest } }, required: true },
  },
  responses: completionAnswers,
});

const read = createRoute({
  method: "get",
  path: "/v1/chat/completions/{completionId}",
  tags,
  summary: "Read a completion again, or go on with one that is under way",
  description:
    "By its id or by that of its turn. Answers when the turn has ended, or streams it: all of it, or what follows " +
    "`after` (or `Last-Event-ID`), the `id` of an event.",
  request: {
    params: z.object({ completionId: z.string() }),
    query: resumeQuery.extend({ include_usage: z.enum(["true", "false"]).optional() }),
  },
  responses: completionAnswers,
});

export function openAiRoutes({ turns }: { turns: ProgramTurns }) {
  const router = createRouter();
  // Described only: the body is read already, and is checked here without being parsed again.
  router.openAPIRegistry.registerPath(create);
  router.post("/v1/chat/completions", async (context) => {
    const parsed = completionRequest.safeParse(context.get("body") ?? {});
    if (!parsed.success) throw invalidRequest(parsed.error, "body");
    const { stream, stream_options } = parsed.data;
    const turn = await turns.start(mapRequest(parsed.data), context);
    const shape = completionShape(stream_options?.include_usage ?? false);
    return await answerProgram(turns, turn, context, { stream: stream ?? false, shape });
  });
  return router.openapi(read, async (context) => {
    const turnId = turnIdOf(context.req.valid("param").completionId);
    const { stream, after, include_usage } = context.req.valid("query");
    const turn = await turns.resume(turnId, after ?? context.req.header("last-event-id"), context);
    const shape = completionShape(include_usage === "true");
    return await answerProgram(turns, turn, context, { stream: stream === "true", shape });
  });
}

function completionShape(includeUsage: boolean): AnswerShape {
  return {
    whole: completionOf,
    frames: (parts, turn) => completionFrames(parts, turn, includeUsage),
    errorFrame: (error) => `data: ${JSON.stringify(openAiError(programErrorOf(error)))}\n\n`,
  };
}
