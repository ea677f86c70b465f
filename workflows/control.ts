/** What a process that calls models hears on the topic `control`, and says there. */
import { isGrpcServiceError } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import {
  type ControlMessage,
  decodeControlMessage,
  encodeControlMessage,
  type RunningActivity,
} from "../events/kafka/control_message.ts";
import type { KafkaLog } from "../events/kafka/kafka_log.ts";
import { loggerOf } from "../events/logging.ts";
import { interrupted } from "./interrupted_attempt.ts";
import { StopRequests } from "./stop_requests.ts";
import { WorkerLiveness } from "./worker_liveness.ts";

const log = loggerOf("control");

/** How far back a process that starts listens: calls of workers that die next have begun before. */
const lookBackMs = 10 * 60_000;
/** Temporal knows by then that it has to give the activity to another worker. */
const retryDelayNanos = 1_000_000;
/** How long Temporal may take to fail an activity. */
const failMs = 5000;
/** gRPC's code for what has ended. */
const notFound = 5;

export interface Control {
  stopRequests: StopRequests;
  liveness: WorkerLiveness;
  close(): Promise<void>;
}

export async function followControl(
  kafka: KafkaLog,
  { connection, namespace }: { connection: NativeConnection; namespace: string },
): Promise<Control> {
  const producer = await kafka.producer();
  const stopRequests = new StopRequests();
  const liveness = new WorkerLiveness({
    send: (messages) =>
      producer.send(
        "control",
        messages.map((message) => ({ value: encodeControlMessage(message) })),
      ),
    failActivity: (activity) => failActivity(connection, namespace, activity),
  });
  const subscription = await kafka.follow({
    topic: "control",
    fromMs: Date.now() - lookBackMs,
    onMessage({ value, timestampMs }) {
      const message = readMessage(value);
      if (message === null) return;
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

/** @returns Null where it is none; what others put on the topic must not keep this process from hearing. */
function readMessage(value: Uint8Array | null): ControlMessage | null {
  try {
    return value && decodeControlMessage(value);
  } catch (error) {
    log.warn("A message on the topic control cannot be read; it is passed over", { error });
    return null;
  }
}

/** Fails it in the name of its worker, as one that is to be tried again at once. */
async function failActivity(
  connection: NativeConnection,
  namespace: string,
  activity: RunningActivity,
): Promise<void> {
  const failure = {
    message: interrupted.message,
    source: "turnlog",
    applicationFailureInfo: {
      type: interrupted.class,
      nextRetryDelay: { nanos: retryDelayNanos },
    },
  };
  const ask = () =>
    connection.workflowService.respondActivityTaskFailedById({ namespace, ...activity, failure });
  try {
    await connection.withDeadline(Date.now() + failMs, ask);
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== notFound) throw error;
  }
}
