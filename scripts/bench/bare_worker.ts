/**
 * A worker for the bare workflow, in a process of its own as Turnlog's is.
 *
 * usage: deno run -A scripts/bench/bare_worker.ts <address of Temporal> <task queue>
 */
import { bundleWorkflowCode, NativeConnection, Worker } from "@temporalio/worker";
import { fileURLToPath } from "node:url";
import { loggerOf } from "../../events/logging.ts";
import { installTemporalRuntime } from "../../events/temporal_runtime.ts";
import { wallClockMs } from "./measurement.ts";

const [address, taskQueue] = Deno.args;
const log = loggerOf("bench");
installTemporalRuntime(log);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue,
  workflowBundle: await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("bare_workflow.ts", import.meta.url)),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  }),
  activities: { tellTime: () => Promise.resolve(wallClockMs()) },
});
Deno.addSignalListener("SIGTERM", () => worker.shutdown());
console.log("ready");
await worker.run();
Deno.exit(0);
