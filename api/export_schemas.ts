/** The requests and answers about exports. */
import { z } from "@hono/zod-openapi";
import type { ExportView } from "../events/contract/export.ts";
import { exportFileNames, exportFormats } from "../events/contract/export_files.ts";
import { momentForms, readMoment } from "./moment.ts";

/** How long the files of an export may be kept. */
const keepDaysMax = 30;

const moment = z.string().refine((text) => readMoment(text) !== null, momentForms);
const name = z.string().min(1).max(100);

/** Made by clients: one id is one export. It is the name of a folder. */
export const exportId = z.string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,59}$/, "may have up to 60 letters, digits and . _ -")
  .openapi({ example: "liked-2026-11" });

export const exportParams = z.object({ exportId });
export const exportFileParams = z.object({
  exportId,
  file: z.enum(Object.values(exportFileNames) as [string, ...string[]]),
});

export const newExport = z.strictObject({
  id: exportId.optional().openapi({
    description: "Made by the client, so that a request can be repeated: one id is one export.",
  }),
  formats: z.array(z.enum(exportFormats)).min(1).default(["jsonl"]).openapi({
    description:
      "`jsonl`: a line is a conversation. `parquet`: a row is a turn. `fine-tuning`: a " +
      "line is an example for OpenAI's chat models.",
  }),
  from: moment.openapi({
    description: "Turns that were sent from then on: ISO 8601, or how long ago, as in `7d`.",
    example: "7d",
  }),
  to: moment.optional().openapi({ description: "Turns that were sent before then; now." }),
  model: name.optional().openapi({ description: "Only turns that this model answered last." }),
  rating: z.enum(["up", "down"]).optional().openapi({ description: "Only turns rated so." }),
  tenant: name.optional(),
  userKey: name.optional().openapi({ description: "Only this user's, by the key in events." }),
  completedOnly: z.boolean().default(true).openapi({
    description: "Only turns whose answer is complete; else also those stopped and failed.",
  }),
  keepDays: z.number().gt(0, "must be above 0").max(keepDaysMax).default(7).openapi({
    description: "How long the files are kept.",
  }),
}).openapi("NewExport");

export type NewExport = z.output<typeof newExport>;

const time = z.iso.datetime();
const counts = z.object({ conversations: z.int(), turns: z.int() });
const format = z.enum(exportFormats);

export const exportView = z.object({
  id: z.string(),
  status: z.enum(["running", "ready", "expired", "stopped", "failed"]),
  workflowId: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  formats: z.array(format),
  selection: z.object({
    from: time,
    to: time,
    model: z.string().optional(),
    rating: z.enum(["up", "down"]).optional(),
    tenant: z.string().optional(),
    userKey: z.string().optional(),
    completedOnly: z.boolean(),
  }),
  progress: counts.extend({
    toRead: z.int().nullable(),
    read: z.int(),
    withoutConsent: counts.openapi({
      description: "What the selection takes, but its users do not let be exported.",
    }),
    files: z.array(z.object({ format, name: z.string(), bytes: z.int() })),
    expiresAt: time.nullable(),
  }),
}).openapi("Export") satisfies z.ZodType<ExportView>;
