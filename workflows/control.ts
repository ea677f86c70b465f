/** What a process that calls models hears on the topic `control`, and says there. */
import type { Connection } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import {
  decodeControlMessage,
  encodeControlMessage,
  type RunningActivity,
} from "../events/kafka/control_message.ts";
import type { KafkaLog } from "../events/kafka/kafka_log.ts";
import { interrupted } from "./interrupted_attempt.ts";
import { StopRequests } from "./stop_requests.ts";
import { WorkerLiveness } from "./worker_liveness.ts";

/** How far back a process that starts listens: calls of workers that die next have begun before. */
const lookBackMs = 10 * 60_000;
/** Temporal knows by then that it has to give the activity to another worker. */
const retryDelayNanos = 1_000_000;

export interface Control {
  stopRequests: StopRequests;
  liveness: WorkerLiveness;
  close(): Promise<void>;
}

export async function followControl(
  kafka: KafkaLog,
  { connection, namespace }: { connection: NativeConnection | Connection; namespace: string },
): Promise<Control> {
  const producer = await kafka.producer();
  const stopRequests = new StopRequests();
  const liveness = new WorkerLiveness({
    send: (message) => producer.send("control", [{ value: encodeControlMessage(message) }]),
    failActivity: (activity) => failActivity(connection, namespace, activity),
  });
  const subscription = await kafka.follow({
    topic: "control",
    fromMs: Date.now() - lookBackMs,
    onMessage({ value, timestampMs }) {
      if (value === null) return;
      const message = decodeControlMessage(value);
      stopRequests.hear(message);
      liveness.hear(message, timestampMs);
    },
  });
  liveness.start();
  return {
    stopRequests,
    liveness,
    async close() {
      await liveness.close();
      await subscription.stop();
    },
  };
}

/** Fails it in the name of its worker, as one that is to be tried again at once. */
async function failActivity(
  { workflowService }: NativeConnection | Connection,
  namespace: string,
  activity: RunningActivity,
): Promise<void> {
  await workflowService.respondActivityTaskFailedById({
    namespace,
    ...activity,
    failure: {
      message: interrupted.message,
      source: "turnlog",
      applicationFailureInfo: {
        type: interrupted.class,
        nextRetryDelay: { nanos: retryDelayNanos },
      },
    },
  });
}
