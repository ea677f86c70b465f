/** How activities work with a server of models: told to Temporal while it takes, and left when nobody waits for it. */
import { ApplicationFailure, Context } from "@temporalio/activity";
import type { ModelServer } from "../../events/contract/model_change.ts";
import type { ResolveKey } from "../../events/key_reference.ts";
import { heartbeatUntilDisposed } from "../heartbeat.ts";
import { ModelServerError, VllmServer } from "./vllm_server.ts";

export type WithServer = <Result>(
  server: ModelServer,
  work: (vllm: VllmServer) => Promise<Result>,
) => Promise<Result>;

/** @returns What works with a server. What that does not do is a failure whose type is a `ModelProblem`. */
export function serverOpener(resolveKey: ResolveKey): WithServer {
  return async (server, work) => {
    const { cancellationSignal } = Context.current();
    const vllm = new VllmServer(server, resolveKey(server.apiKey), cancellationSignal);
    try {
      return await heartbeating(() => work(vllm));
    } catch (error) {
      if (!(error instanceof ModelServerError)) throw error;
      throw ApplicationFailure.nonRetryable(error.message, error.problem);
    }
  };
}

/** Keeps Temporal told that the work goes on, and leaves it when nobody waits for it any more. */
export async function heartbeating<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  using _heartbeat = heartbeatUntilDisposed(context, () => undefined);
  return await Promise.race([work(), context.cancelled]);
}
