/** What `turnlog.yaml` may say of a provider whose server is managed: how it is started, when it sleeps, its adapters. */
import { z } from "zod";

const dayMs = 86_400_000;

export const managedServerFields = {
  /** The server is put to sleep when nobody has used it for so long; a turn that wants it wakes it. */
  sleep: z.strictObject({
    afterIdleMs: z.int().min(1000, "must be a second at least").max(30 * dayMs),
    level: z.literal([1, 2], "must be 1, or 2 to drop the weights too").default(1),
  }).optional(),
  /** Adapters that an operator may load by their name: where the server finds them. */
  adapters: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** `deno task start` runs the server with it, and stops it; it must listen where `baseUrl` says. */
  serve: z.strictObject({
    command: z.array(z.string().min(1)).min(1),
    environment: z.record(z.string().regex(/^\w+$/, "must be a variable's name"), z.string())
      .default({}),
    /** A big model takes minutes. */
    readyWithinMs: z.int().min(1000, "must be a second at least").max(dayMs).default(600_000),
  }).optional(),
};
