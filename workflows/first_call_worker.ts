/**
 * What an api process runs beside its routes in order to make first calls: the calls, a worker that runs the workflows of
 * turns, so that a quick answer needs no other process, and one that adopts the calls that take longer.
 */
import type { DataConverter } from "@temporalio/common";
import { type NativeConnection, Worker } from "@temporalio/worker";
import { taskQueue } from "../events/contract/names.ts";
import type { FirstCaller } from "../events/first_call.ts";
import type { TurnPart } from "../events/kafka/delta_message.ts";
import type { KafkaLog } from "../events/kafka/kafka_log.ts";
import { loggerOf } from "../events/logging.ts";
import type { ProviderAdmission } from "../events/provider_health/provider_admission.ts";
import type { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { createActivities, type EndInput } from "./activities.ts";
import { adoptFirstCall, endFirstCall, finishFirstCall } from "./adopt_first_call.ts";
import type { CallModelInput } from "./attempt.ts";
import { DeltaPublisher } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { FirstCalls } from "./first_calls.ts";
import { heartbeatThrottleMs } from "./heartbeat.ts";
import { PublishedTextReader } from "./published_text.ts";
import { StopRequests } from "./stop_requests.ts";
import { readWorkflowBundle, stickyTimeoutMs } from "./workflow_bundle.ts";

const log = loggerOf("api", "first_calls");

/** How long answers may go on after a SIGTERM before a worker takes them over. */
const shutdownGraceMs = 1000;
/** When the process ends whatever is still running. */
const shutdownForceMs = 3000;

export interface FirstCallWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  /** Of the process's client, which shares the connection. */
  dataConverter: DataConverter | undefined;
  /** The file with the bundle of workflows; where there is none, only workers run them. */
  workflowBundle: string | undefined;
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
  /** Ends the turn's first call, if it still goes on: another process, which believed this one dead, has followed it. */
  giveUp(turnId: string): void;
  /** Lets answers end for a moment, and leaves the others to the workers. */
  stop(): Promise<void>;
}

export async function startFirstCallWorker(
  { connection, namespace, dataConverter, workflowBundle, kafka, callsMax, onPublished, ...given }:
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
  const place = { taskQueue: ownQueue, runsWorkflows: workflowBundle !== undefined };
  const firstCalls = new FirstCalls(dependencies, { place, callsMax });
  const shared = {
    connection,
    namespace,
    dataConverter,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownForceMs,
  };
  const creating = [Worker.create({
    ...shared,
    taskQueue: ownQueue,
    activities: {
      callModel: (input: CallModelInput) => adoptFirstCall(dependencies, firstCalls, input),
    },
    maxConcurrentActivityTaskExecutions: callsMax,
    maxHeartbeatThrottleInterval: heartbeatThrottleMs,
  })];
  if (workflowBundle !== undefined) {
    const activities = createActivities(dependencies);
    creating.push(Worker.create({
      ...shared,
      taskQueue,
      workflowBundle: await readWorkflowBundle(workflowBundle, dataConverter),
      activities: {
        ...activities,
        finishFirstCall: (input: CallModelInput) =>
          finishFirstCall(dependencies, firstCalls, input),
        async endTurn(input: EndInput) {
          await endFirstCall(dependencies, firstCalls, input);
          return await activities.endTurn(input);
        },
      },
      // Calls by activities are for workers; here are only the short steps on the store.
      enableNonLocalActivities: false,
      // A step that waits for an answer takes a place meanwhile, and others need some beside those.
      maxConcurrentLocalActivityExecutions: 2 * callsMax,
      maxConcurrentWorkflowTaskExecutions: 2 * callsMax,
      stickyQueueScheduleToStartTimeout: stickyTimeoutMs,
    }));
  }
  const workers = await Promise.all(creating);
  const running = workers.map(async (worker) => {
    try {
      await worker.run();
    } catch (error) {
      log.error("The api makes no first calls any more: its Temporal worker has failed", { error });
      firstCalls.close();
    }
  });
  return {
    firstCaller: firstCalls,
    giveUp: (turnId) => firstCalls.find(turnId)?.abandon(),
    async stop() {
      firstCalls.close();
      // Temporal waits for the steps that wait for answers, instead of ending them.
      const interrupting = setTimeout(() => firstCalls.interrupt(), shutdownGraceMs);
      workers.filter((worker) => worker.getState() === "RUNNING")
        .forEach((worker) => worker.shutdown());
      await Promise.all(running);
      clearTimeout(interrupting);
      await stopRequests.close();
    },
  };
}
