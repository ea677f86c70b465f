/** What every call of the API for programs may say beside its body. */
import { z } from "@hono/zod-openapi";

export const callHeaders = z.object({
  "idempotency-key": z.string().optional(),
  "x-turnlog-conversation-id": z.string().optional(),
  "x-turnlog-on-disconnect": z.enum(["continue", "stop"]).optional(),
});

export const resumeQuery = z.object({
  stream: z.enum(["true", "false"]).optional(),
  after: z.string().regex(/^\d{1,9}\.\d{1,9}$/, "must be attempt.sequence, such as 1.17")
    .optional(),
});
