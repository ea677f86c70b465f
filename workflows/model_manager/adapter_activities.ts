/** The activities by which a server loads and unloads adapters. */
import { Context } from "@temporalio/activity";
import type { ModelServer } from "../../events/contract/model_change.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { stateChange } from "./state_change.ts";
import { ModelServerError, type VllmServer } from "./vllm_server.ts";
import type { WithServer } from "./with_server.ts";

export interface AdapterInput {
  server: ModelServer;
  name: string;
  reason: string;
}

export function createAdapterActivities(
  { store, withServer }: { store: Pick<EventStore, "append">; withServer: WithServer },
) {
  return {
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
  };
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
