/** For operators: the servers of models, their sleep, their adapters, and their processes. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ServerView } from "../../events/contract/api.ts";
import type { ModelOperations, OperatorChange } from "../model_operations.ts";
import type { Operations } from "../operations.ts";
import {
  type ApiEnvironment,
  createRouter,
  jsonAnswer,
  jsonBody,
  problemAnswers,
} from "../router.ts";
import * as schemas from "../schemas.ts";

const tags = ["Operations"];
const pathLengthMax = 1000;
const model = z.string().openapi({ example: "local" });
const adapterName = z.string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, "may have up to 100 letters, digits and . _ -");

const serverView = z.object({
  provider: z.string(),
  endpoint: z.string(),
  models: z.array(z.string()),
  software: z.enum(["vllm", "llama.cpp", "ollama"]).nullable(),
  state: z.enum(["awake", "asleep", "loading", "failed", "unreachable"]),
  reason: z.string().nullable(),
  process: z.enum(["running", "stopped", "failed"]).nullable(),
  canSleep: z.boolean(),
  takesAdapters: z.boolean(),
  served: z.array(z.object({ name: z.string(), parent: z.string().nullable() })),
}).openapi("ModelServer") satisfies z.ZodType<ServerView>;

const changed = z.object({
  items: z.array(z.object({
    endpoint: z.string(),
    state: z.string(),
    changed: z.boolean().openapi({ description: "False where it was so already." }),
  })),
});
const underWay = z.object({ workflowIds: z.array(z.string()) });
const responses = {
  200: jsonAnswer(changed, "It is so now, at each of the model's servers"),
  202: jsonAnswer(underWay, "It takes longer, and goes on in these workflows"),
  ...problemAnswers,
};

const list = createRoute({
  method: "get",
  path: "/api/operations/models",
  tags,
  summary: "List the servers of models, how they are, and what can be asked of them",
  responses: {
    200: jsonAnswer(schemas.pageOf(serverView), "All servers of your own"),
    ...problemAnswers,
  },
});

const sleep = createRoute({
  method: "post",
  path: "/api/operations/models/{model}/sleep",
  tags,
  summary: "Put a model's server to sleep when its calls have ended; a turn that wants it wakes it",
  request: {
    params: z.object({ model }),
    ...jsonBody(z.strictObject({ level: z.literal([1, 2]).optional() }), false),
  },
  responses,
});

const wake = actionRoute("wake", "Wake a model's server, and check that the model is itself");

const load = createRoute({
  method: "post",
  path: "/api/operations/models/{model}/adapters",
  tags,
  summary: "Load a LoRA adapter; a model of turnlog.yaml with its name then answers",
  request: {
    params: z.object({ model }),
    ...jsonBody(z.strictObject({
      name: adapterName,
      path: z.string().min(1).max(pathLengthMax).optional().openapi({
        description: "Where the server finds it; what turnlog.yaml says where it is absent.",
      }),
    })),
  },
  responses,
});

const unload = createRoute({
  method: "delete",
  path: "/api/operations/models/{model}/adapters/{name}",
  tags,
  summary: "Unload a LoRA adapter",
  request: { params: z.object({ model, name: adapterName }) },
  responses,
});

const start = actionRoute(
  "start",
  "Start a model's server that deno task start runs; its models answer when it is ready",
);

const stop = actionRoute(
  "stop",
  "Stop a model's server that deno task start runs; turns go on with their next candidate",
);

/** A change that takes nothing but the model. */
function actionRoute<Name extends string>(name: Name, summary: string) {
  return createRoute({
    method: "post",
    path: `/api/operations/models/{model}/${name}` as const,
    tags,
    summary,
    request: { params: z.object({ model }) },
    responses,
  });
}

type OfModel = Context<ApiEnvironment, string, { out: { param: { model: string } } }>;

export function modelOperationRoutes(
  { models, operations }: { models: ModelOperations; operations: Operations },
) {
  const change = async (context: OfModel, change: OperatorChange) => {
    const { model } = context.req.valid("param");
    const { action, ...details } = change;
    const detail = Object.entries(details).map(([name, value]) => `${name}=${value}`).join(" ");
    await operations.record(context.get("operator"), `model/${model}`, { action, detail });
    const answer = await models.change(model, change);
    return answer.type === "done"
      ? context.json({ items: answer.results }, 200)
      : context.json({ workflowIds: answer.workflowIds }, 202);
  };
  return createRouter()
    .openapi(
      list,
      async (context) => context.json({ items: await models.servers(), nextCursor: null }, 200),
    )
    .openapi(sleep, (context) => {
      const level = context.req.valid("json")?.level ?? 1;
      return change(context, { action: "sleep", level });
    })
    .openapi(wake, (context) => change(context, { action: "wake", isAskedAgain: true }))
    .openapi(load, (context) => {
      const { model } = context.req.valid("param");
      const { name, path: given } = context.req.valid("json");
      const path = models.adapterPath(model, name, given);
      return change(context, { action: "load-adapter", name, path });
    })
    .openapi(unload, (context) => {
      const { name } = context.req.valid("param");
      return change(context, { action: "unload-adapter", name });
    })
    .openapi(start, (context) => change(context, { action: "start-server" }))
    .openapi(stop, (context) => change(context, { action: "stop-server" }));
}
