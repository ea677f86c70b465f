/**
 * The activities by which a server's models change their state. What the server does not do is a failure of the
 * activity whose type is a `ModelProblem`; Temporal tries again only when a worker has died or the store failed.
 */
import type { Client } from "@temporalio/client";
import type { Failure } from "../../events/contract/failure.ts";
import type {
  ModelChangeRequest,
  ModelChangeResult,
  ModelServer,
  SleepLevel,
} from "../../events/contract/model_change.ts";
import { requestModelChange } from "../../events/request_model_change.ts";
import type { Dependencies } from "../dependencies.ts";
import { createAdapterActivities } from "./adapter_activities.ts";
import { askCanary, judgeCanary } from "./canary.ts";
import { stateChange, type StatedChange } from "./state_change.ts";
import { ModelServerError, type ServerUse } from "./vllm_server.ts";
import { WakeRequests } from "./wake_requests.ts";
import { heartbeating, serverOpener } from "./with_server.ts";

/** How a server was found. */
export interface FoundServer {
  /** The model of its own that it lists first. */
  model: string;
  isAsleep: boolean;
  /** Null where it is awake, or does not say. */
  level: SleepLevel | null;
}

export type ModelActivities = ReturnType<typeof createModelActivities>;

export function createModelActivities(
  { store, resolveKey, client }:
    & Pick<Dependencies, "store" | "resolveKey">
    & { client: Client },
) {
  const wakeRequests = new WakeRequests(client);
  const withServer = serverOpener(resolveKey);

  return {
    ...createAdapterActivities({ store, withServer }),

    lookAtServer: (server: ModelServer): Promise<FoundServer> =>
      withServer(server, async (vllm) => {
        const isAsleep = await vllm.isAsleep();
        const [{ name }] = await vllm.models();
        return { model: name, isAsleep, level: isAsleep ? await vllm.sleepLevel() : null };
      }),

    readUse: (server: ModelServer): Promise<ServerUse & { isAsleep: boolean }> =>
      withServer(server, async (vllm) => ({
        isAsleep: await vllm.isAsleep(),
        ...await vllm.use(),
      })),

    askCanary: ({ server, model }: { server: ModelServer; model: string }): Promise<string> =>
      withServer(server, (vllm) => askCanary(vllm, model)),

    /** @returns What is wrong with the model, as a sentence; null where it is itself. */
    checkCanary: (
      { server, model, expected }: { server: ModelServer; model: string; expected: string | null },
    ): Promise<string | null> =>
      withServer(server, async (vllm) => judgeCanary(await askCanary(vllm, model), expected)),

    /** Puts the server to sleep when its calls have ended. @param onlyIfUnused Not where it has any. */
    sleepServer: (
      { server, level, onlyIfUnused }: {
        server: ModelServer;
        level: SleepLevel;
        onlyIfUnused: boolean;
      },
    ): Promise<void> =>
      withServer(server, async (vllm) => {
        // A worker before this one may have died in the middle: then it sleeps, or is about to.
        if (onlyIfUnused && !await vllm.isAsleep() && (await vllm.use()).inFlight > 0) {
          throw new ModelServerError("in-use", `${server.provider} is in use`);
        }
        await vllm.sleep(level);
      }),

    wakeServer: ({ server, level }: { server: ModelServer; level: SleepLevel }): Promise<void> =>
      withServer(server, async (vllm) => {
        // Once more where a worker died in the middle: to wake what is awake changes nothing.
        if (level === 2 || await vllm.isAsleep()) await vllm.wake(level);
      }),

    reloadWeights: (server: ModelServer): Promise<void> =>
      withServer(server, (vllm) => vllm.reloadWeights()),

    stateChange: (change: StatedChange): Promise<void> => stateChange(store, change),

    /** For workflows, which cannot ask each other. */
    requestChange: (
      { server, request }: { server: ModelServer; request: ModelChangeRequest },
    ): Promise<ModelChangeResult> =>
      heartbeating(async () => (await requestModelChange(client, server, request)).result()),

    /**
     * Waits until the server is awake and itself. The wake goes on where the turn is stopped.
     *
     * @returns Why the server cannot be called; null where it can.
     */
    wakeForTurn: (server: ModelServer): Promise<Failure | null> =>
      heartbeating(() => wakeRequests.wake(server)),
  };
}
