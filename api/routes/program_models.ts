/** Routes and models as programs list them: in one form that both OpenAI's and Anthropic's clients read. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ModelView } from "../../events/contract/api.ts";
import type { Catalogue } from "../catalogue.ts";
import { errorAnswers } from "../openai/answer_schemas.ts";
import { ProblemError } from "../problem.ts";
import { createRouter, jsonAnswer } from "../router.ts";

const tags = ["For programs"];

const model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.int(),
  owned_by: z.string(),
  type: z.literal("model"),
  display_name: z.string(),
  created_at: z.string(),
  available: z.boolean(),
  reason: z.string().nullable(),
}).openapi("ListedModel");

const modelList = z.object({
  object: z.literal("list"),
  data: z.array(model),
  has_more: z.literal(false),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
});

const list = createRoute({
  method: "get",
  path: "/v1/models",
  tags,
  summary: "List routes and models, each a model by its name",
  responses: { 200: jsonAnswer(modelList, "All of them"), ...errorAnswers },
});

const read = createRoute({
  method: "get",
  path: "/v1/models/{model}",
  tags,
  summary: "Read one of them",
  request: { params: z.object({ model: z.string() }) },
  responses: { 200: jsonAnswer(model, "The model or route"), ...errorAnswers },
});

export function programModelRoutes({ catalogue }: { catalogue: Catalogue }) {
  return createRouter()
    .openapi(list, async (context) => {
      const data = (await catalogue.list()).map(listedModel);
      const answer = {
        object: "list" as const,
        data,
        has_more: false as const,
        first_id: data.at(0)?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      };
      return context.json(answer, 200);
    })
    .openapi(read, async (context) => {
      const { model: name } = context.req.valid("param");
      const found = (await catalogue.list()).find((model) => model.name === name);
      if (found === undefined) {
        const message = `There is no model or route ${name}; GET /v1/models lists them`;
        throw new ProblemError("unknown-model", message, { errors: [{ path: "model", message }] });
      }
      return context.json(listedModel(found), 200);
    });
}

function listedModel({ name, kind, provider, available, reason }: ModelView) {
  return {
    id: name,
    object: "model" as const,
    // When it was made is not known.
    created: 0,
    owned_by: provider ?? `turnlog-${kind}`,
    type: "model" as const,
    display_name: name,
    created_at: "1970-01-01T00:00:00Z",
    available,
    reason,
  };
}
