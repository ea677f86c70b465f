/** Exports, for operators: started, read, stopped, and their files taken away. */
import { createRoute } from "@hono/zod-openapi";
import { exportWorkflowId } from "../../events/contract/names.ts";
import { stepEventId } from "../../events/event_id.ts";
import {
  exportFileParams,
  exportParams,
  exportView,
  type NewExport,
  newExport,
} from "../export_schemas.ts";
import type { Exports } from "../exports.ts";
import type { Operations } from "../operations.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswers } from "../router.ts";
import { pageOf } from "../schemas.ts";

const tags = ["Exports"];
const path = "/api/exports";

const start = createRoute({
  method: "post",
  path,
  tags,
  summary: "Export the conversations of those who allow it to files, in the background",
  request: jsonBody(newExport),
  responses: {
    200: jsonAnswer(exportView, "The same request was accepted before"),
    202: jsonAnswer(exportView, "It is accepted and goes on by itself"),
    ...problemAnswers,
  },
});

const list = createRoute({
  method: "get",
  path,
  tags,
  summary: "List exports, the newest first; their progress is that of the last page",
  responses: { 200: jsonAnswer(pageOf(exportView), "The newest ones"), ...problemAnswers },
});

const read = createRoute({
  method: "get",
  path: `${path}/{exportId}`,
  tags,
  summary: "Read how far an export is, and which files it has",
  request: { params: exportParams },
  responses: { 200: jsonAnswer(exportView, "The export"), ...problemAnswers },
});

const download = createRoute({
  method: "get",
  path: `${path}/{exportId}/files/{file}`,
  tags,
  summary: "Take a file of an export",
  request: { params: exportFileParams },
  responses: {
    200: { description: "The file", content: { "application/octet-stream": {} } },
    ...problemAnswers,
  },
});

const stop = createRoute({
  method: "post",
  path: `${path}/{exportId}/stop`,
  tags,
  summary: "Stop an export, and remove its files",
  request: { params: exportParams },
  responses: { 202: { description: "It stops, or has ended already" }, ...problemAnswers },
});

export function exportRoutes(
  { exports, operations }: { exports: Exports; operations: Pick<Operations, "record"> },
) {
  return createRouter()
    .openapi(start, async (context) => {
      const { id = crypto.randomUUID(), ...request } = context.req.valid("json");
      const workflowId = exportWorkflowId(id);
      const event = { action: "start-export", detail: describe(request) } as const;
      const eventId = stepEventId(workflowId, "", "requested");
      await operations.record(context.get("operator"), workflowId, event, eventId);
      const { view, isNew } = await exports.start({ id, ...request });
      return context.json(view, isNew ? 202 : 200);
    })
    .openapi(
      list,
      async (context) => context.json({ items: await exports.list(), nextCursor: null }, 200),
    )
    .openapi(read, async (context) => {
      const { exportId } = context.req.valid("param");
      return context.json(await exports.read(exportId), 200);
    })
    .openapi(download, async (context) => {
      const { exportId, file } = context.req.valid("param");
      const { bytes, stream } = await exports.open(exportId, file);
      const event = { action: "download-export", detail: file } as const;
      await operations.record(context.get("operator"), exportWorkflowId(exportId), event);
      return context.body(stream, 200, {
        "content-type": "application/octet-stream",
        "content-length": String(bytes),
        "content-disposition": `attachment; filename="${exportId}-${file}"`,
      });
    })
    .openapi(stop, async (context) => {
      const { exportId } = context.req.valid("param");
      const event = { action: "stop-export" } as const;
      await operations.record(context.get("operator"), exportWorkflowId(exportId), event);
      await exports.stop(exportId);
      return context.body(null, 202);
    });
}

function describe(request: Omit<NewExport, "id">): string {
  return Object.entries(request).map(([name, value]) => `${name}=${value}`).join(" ");
}
