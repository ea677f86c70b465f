/** What an api process runs beside its routes in order to make first calls: the calls, and the worker that adopts them. */
import type { DataConverter } from "@temporalio/common";
import { type NativeConnection, Worker } from "@temporalio/worker";
import { taskQueue } from "../events/contract/names.ts";
import type { FirstCaller } from "../events/first_call.ts";
import type { TurnPart } from "../events/kafka/delta_message.ts";
import type { KafkaLog } from "../events/kafka/kafka_log.ts";
import type { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { adoptFirstCall } from "./adopt_first_call.ts";
import type { CallModelInput } from "./attempt.ts";
import { DeltaPublisher } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { FirstCalls } from "./first_calls.ts";
import { PublishedTextReader } from "./published_text.ts";
import { StopRequests } from "./stop_requests.ts";

/** How long answers may go on after a SIGTERM before a worker takes them over. */
const shutdownGraceMs = 1000;
/** When the process ends whatever is still running. */
const shutdownForceMs = 3000;

export interface FirstCallWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  /** Of the process's client. */
  dataConverter: DataConverter | undefined;
  store: EventStore;
  kafka: KafkaLog;
  health: ProviderHealth;
  admission: ProviderAdmission;
  /** At most so many calls at once. */
  callsMax: number;
  resolveKey: Dependencies["resolveKey"];
  /** Told of the parts that this process has published, as soon as Kafka has them. */
  onPublished: (parts: readonly TurnPart[]) => void;
}

export interface FirstCallWorker {
  firstCaller: FirstCaller;
  /** Lets answers end for a moment, and leaves the others to the workers. */
  stop(): Promise<void>;
}

export async function startFirstCallWorker(
  { connection, namespace, dataConverter, kafka, callsMax, onPublished, ...given }:
    FirstCallWorkerOptions,
): Promise<FirstCallWorker> {
  const [publisher, stopRequests] = await Promise.all([
    DeltaPublisher.connect(kafka, onPublished),
    StopRequests.follow(kafka),
  ]);
  const publishedText = new PublishedTextReader(kafka);
  const dependencies = { ...given, publisher, stopRequests, publishedText };
  // Nobody else's: who looks for a call of this process must not find another one.
  const ownQueue = `${taskQueue}-first-calls-${crypto.randomUUID()}`;
  const firstCalls = new FirstCalls(dependencies, { taskQueue: ownQueue, callsMax });
  const worker = await Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue: ownQueue,
    activities: {
      callModel: (input: CallModelInput) => adoptFirstCall(dependencies, firstCalls, input),
    },
    maxConcurrentActivityTaskExecutions: callsMax,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownForceMs,
  });
  const running = worker.run();
  return {
    firstCaller: firstCalls,
    async stop() {
      worker.shutdown();
      await running;
      await stopRequests.close();
    },
  };
}
