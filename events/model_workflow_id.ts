/** The id under which a server's models are managed: one server, one workflow at a time. */
import { createHash } from "node:crypto";
import type { ModelServer } from "./contract/model_change.ts";

/** An address may be long, and is not to stand in an id. */
const hashLength = 12;

export function modelWorkflowId({ provider, baseUrl }: ModelServer): string {
  const hash = createHash("sha256").update(baseUrl).digest("hex").slice(0, hashLength);
  return `model/${provider}/${hash}`;
}
