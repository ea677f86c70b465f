/** Ingestion as a process of one's own, started when the load is there, and not with the stack. */
import { fileURLToPath } from "node:url";
import type { Stack } from "../stack.ts";

export interface IngestProcess {
  stop(): Promise<void>;
}

export function startIngestProcess(stack: Stack): IngestProcess {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(new URL("../../analytics/ingest_main.ts", import.meta.url))],
    env: { ...stack.variables, TURNLOG_LOG_LEVEL: "warning" },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return {
    async stop() {
      process.kill("SIGTERM");
      await process.status;
    },
  };
}
