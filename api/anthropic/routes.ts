/** Anthropic's messages, for its official clients and whatever else speaks them. */
import { createRoute, z } from "@hono/zod-openapi";
import { ProblemError } from "../problem.ts";
import { answerProgram, type AnswerShape } from "../program_answer.ts";
import { programErrorOf } from "../program_error.ts";
import { callHeaders, resumeQuery } from "../program_schemas.ts";
import type { ProgramTurns } from "../program_turns.ts";
import { createRouter, invalidRequest } from "../router.ts";
import { messageAnswers } from "./answer_schemas.ts";
import { anthropicError } from "./error.ts";
import { mapRequest } from "./map_request.ts";
import { messageOf, turnIdOf } from "./message.ts";
import { messageFrames } from "./message_stream.ts";
import { messageRequest } from "./request_schema.ts";

const tags = ["For programs"];

const create = createRoute({
  method: "post",
  path: "/v1/messages",
  tags,
  summary: "Answer messages as Anthropic does, as a durable turn",
  description: "With the headers of `/v1/chat/completions`.",
  request: {
    headers: callHeaders,
    body: { content: { "application/json": { schema: messageRequest } }, required: true },
  },
  responses: messageAnswers,
});

const read = createRoute({
  method: "get",
  path: "/v1/messages/{messageId}",
  tags,
  summary: "Read a message again, or go on with one that is under way",
  description: "By its id or by that of its turn, as with `/v1/chat/completions/{completionId}`.",
  request: { params: z.object({ messageId: z.string() }), query: resumeQuery },
  responses: messageAnswers,
});

/** Addresses of Anthropic's that would be taken for the id of a message. */
const notOffered = {
  "/v1/messages/count_tokens":
    "Turnlog does not count tokens: it has no model's tokenizer. The usage of an answer says how many there were",
  "/v1/messages/batches": "Turnlog takes no batches: send each of their requests to /v1/messages",
};

const shape: AnswerShape = {
  whole: messageOf,
  frames: messageFrames,
  errorFrame: (error) =>
    `event: error\ndata: ${JSON.stringify(anthropicError(programErrorOf(error)))}\n\n`,
};

export function anthropicRoutes({ turns }: { turns: ProgramTurns }) {
  const router = createRouter();
  // Described only: the body is read already, and is checked here without being parsed again.
  router.openAPIRegistry.registerPath(create);
  router.post("/v1/messages", async (context) => {
    const parsed = messageRequest.safeParse(context.get("body") ?? {});
    if (!parsed.success) throw invalidRequest(parsed.error, "body");
    const turn = await turns.start(mapRequest(parsed.data), context);
    return await answerProgram(turns, turn, context, {
      stream: parsed.data.stream ?? false,
      shape,
    });
  });
  for (const [path, reason] of Object.entries(notOffered)) {
    router.on(["GET", "POST", "DELETE"], [path, `${path}/*`], () => {
      throw new ProblemError("not-found", reason);
    });
  }
  return router.openapi(read, async (context) => {
    const turnId = turnIdOf(context.req.valid("param").messageId);
    const { stream, after } = context.req.valid("query");
    const turn = await turns.resume(turnId, after ?? context.req.header("last-event-id"), context);
    return await answerProgram(turns, turn, context, { stream: stream === "true", shape });
  });
}
