/**
 * The activities by which a server's models change their state. What the server does not do is a failure of the
 * activity whose type is a `ModelProblem`; Temporal tries again only when a worker has died or the store failed.
 */
import { ApplicationFailure, Context } from "@temporalio/activity";
import type { Client } from "@temporalio/client";
import { createSystemEvent, type ModelState } from "../../events/contract/event.ts";
import type { Failure } from "../../events/contract/failure.ts";
import type {
  ModelChangeRequest,
  ModelChangeResult,
  ModelServer,
  SleepLevel,
} from "../../events/contract/model_change.ts";
import { requestModelChange } from "../../events/request_model_change.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import type { Dependencies } from "../dependencies.ts";
import { heartbeatUntilDisposed } from "../heartbeat.ts";
import { activityEventId, eventSource } from "../turn_events.ts";
import { askCanary, judgeCanary } from "./canary.ts";
import { ModelServerError, type ServerUse, VllmServer } from "./vllm_server.ts";
import { WakeRequests } from "./wake_requests.ts";

/** How a server was found. */
export interface FoundServer {
  /** The model of its own that it lists first. */
  model: string;
  isAsleep: boolean;
  /** Null where it is awake, or does not say. */
  level: SleepLevel | null;
}

/** A change of state that was made or found. */
export interface StatedChange {
  server: ModelServer;
  /** As the server calls it. */
  model: string;
  from: ModelState;
  to: ModelState;
  reason: string;
  durationMs: number | null;
}

export interface AdapterInput {
  server: ModelServer;
  name: string;
  reason: string;
}

export type ModelActivities = ReturnType<typeof createModelActivities>;

export function createModelActivities(
  { store, resolveKey, client }:
    & Pick<Dependencies, "store" | "resolveKey">
    & { client: Client },
) {
  const wakeRequests = new WakeRequests(client);

  /** Works with a server, keeping Temporal told that it does. */
  async function withServer<Result>(
    server: ModelServer,
    work: (vllm: VllmServer) => Promise<Result>,
  ): Promise<Result> {
    const { cancellationSignal } = Context.current();
    const vllm = new VllmServer(server, resolveKey(server.apiKey), cancellationSignal);
    try {
      return await heartbeating(() => work(vllm));
    } catch (error) {
      if (!(error instanceof ModelServerError)) throw error;
      throw ApplicationFailure.nonRetryable(error.message, error.problem);
    }
  }

  return {
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

    /** @returns Whether it was not loaded before. */
    loadAdapter: (
      { server, name, path, reason }: AdapterInput & { path: string },
    ): Promise<boolean> =>
      withServer(server, async (vllm) => {
        await requireAwake(vllm, server);
        const loaded = (await vllm.models()).find((model) => model.name === name);
        if (loaded !== undefined && loaded.root !== path) {
          const what = loaded.parent === null
            ? "is a model of the server's own"
            : `is loaded from ${loaded.root} already: unload it first`;
          throw new ModelServerError("refused", `${server.provider}: ${name} ${what}`);
        }
        const startMs = performance.now();
        if (loaded === undefined) await vllm.loadAdapter(name, path);
        // An execution before this one may have died before it could state what it did.
        else if (Context.current().info.attempt === 1) return false;
        const durationMs = Math.round(performance.now() - startMs);
        await stateChange(store, {
          server,
          model: name,
          from: "unloaded",
          to: "awake",
          reason,
          durationMs,
        });
        return true;
      }),

    /** @returns Whether it was loaded before. */
    unloadAdapter: ({ server, name, reason }: AdapterInput): Promise<boolean> =>
      withServer(server, async (vllm) => {
        const loaded = (await vllm.models()).find((model) => model.name === name);
        if (loaded?.parent === null) {
          const what = `${name} is a model of the server's own: it goes with the server`;
          throw new ModelServerError("refused", `${server.provider}: ${what}`);
        }
        const startMs = performance.now();
        if (loaded !== undefined) await vllm.unloadAdapter(name);
        else if (Context.current().info.attempt === 1) return false;
        const durationMs = Math.round(performance.now() - startMs);
        await stateChange(store, {
          server,
          model: name,
          from: "awake",
          to: "unloaded",
          reason,
          durationMs,
        });
        return true;
      }),

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

/** Keeps Temporal told that the work goes on, and leaves it when nobody waits for it any more. */
async function heartbeating<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  using _heartbeat = heartbeatUntilDisposed(context, () => undefined);
  return await Promise.race([work(), context.cancelled]);
}

/** Weights that are away cannot be given an adapter. */
async function requireAwake(vllm: VllmServer, { provider }: ModelServer): Promise<void> {
  const isAsleep = await vllm.isAsleep().catch((error) => {
    // A server that cannot sleep is awake.
    if (error instanceof ModelServerError && error.problem === "unsupported") return false;
    throw error;
  });
  if (isAsleep) throw new ModelServerError("refused", `${provider} is asleep: wake it first`);
}

async function stateChange(store: EventStore, change: StatedChange): Promise<void> {
  const { server: { provider, baseUrl }, model, ...data } = change;
  await store.append([createSystemEvent({
    id: activityEventId(`${data.from}-${data.to}`),
    source: eventSource,
    type: "model.state_changed",
    subject: `provider/${provider}`,
    data: { provider, endpoint: baseUrl, requestModel: model, ...data },
  })]);
}
