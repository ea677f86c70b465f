/** Wakes a server for the turns of this worker: those that ask at once share one request. */
import type { Client } from "@temporalio/client";
import type { Failure } from "../../events/contract/failure.ts";
import {
  failedWakeMs,
  type ModelChangeResult,
  type ModelProblem,
  type ModelServer,
} from "../../events/contract/model_change.ts";
import { requestModelChange } from "../../events/request_model_change.ts";

export class WakeRequests {
  readonly #client: Client;
  /** Temporal lets only ten updates of one workflow be under way. */
  readonly #underWay = new Map<string, Promise<ModelChangeResult>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** @returns Why the server does not answer now; null where it is awake. */
  async wake(server: ModelServer): Promise<Failure | null> {
    const result = await this.#wakeOnce(server);
    if (result.outcome === "done") return null;
    const { problem, message } = result;
    // Beyond what a turn waits before it tries the same candidate again: the next candidate is asked.
    return { class: classOf(problem), message, retryAfterMs: failedWakeMs };
  }

  #wakeOnce(server: ModelServer): Promise<ModelChangeResult> {
    const { baseUrl } = server;
    let wake = this.#underWay.get(baseUrl);
    if (wake === undefined) {
      wake = requestModelChange(this.#client, server, {
        change: { action: "wake" },
        reason: "a turn asked for it",
      }).then((change) => change.result()).finally(() => this.#underWay.delete(baseUrl));
      this.#underWay.set(baseUrl, wake);
    }
    return wake;
  }
}

function classOf(problem: ModelProblem): Failure["class"] {
  return problem === "unreachable" ? "unreachable" : "asleep";
}
