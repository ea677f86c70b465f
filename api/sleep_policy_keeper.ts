/** Keeps the workflow that puts unused servers to sleep told of the policies of `turnlog.yaml`. */
import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import type { SleepPolicy } from "../events/contract/model_change.ts";
import {
  sleepIdleModelsWorkflowId,
  sleepIdleModelsWorkflowType,
  sleepPoliciesSignal,
  taskQueue,
} from "../events/contract/names.ts";
import { loggerOf } from "../events/logging.ts";
import type { Catalogue } from "./catalogue.ts";

const log = loggerOf("api", "models");

/** How soon a change is told; as often, what could not be told is told again. */
const pollMs = 1000;
/** How long one telling may take. */
const temporalMs = 10_000;

export class SleepPolicyKeeper {
  readonly #client: Client;
  readonly #catalogue: Catalogue;
  readonly #timer: ReturnType<typeof setInterval>;
  /** As JSON; null before the first. */
  #told: string | null = null;
  #isTelling = false;

  constructor(client: Client, catalogue: Catalogue) {
    this.#client = client;
    this.#catalogue = catalogue;
    this.#timer = setInterval(() => this.#tellChanges(), pollMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #tellChanges(): Promise<void> {
    const policies = this.#catalogue.sleepPolicies();
    const current = JSON.stringify(policies);
    if (current === this.#told || this.#isTelling) return;
    this.#isTelling = true;
    try {
      await this.#client.withDeadline(Date.now() + temporalMs, () => this.#tell(policies));
      this.#told = current;
    } catch (error) {
      log.warn("Could not tell when servers are to sleep; trying again", { error });
    } finally {
      this.#isTelling = false;
    }
  }

  /** Every api process tells the same: the workflow is one. */
  async #tell(policies: SleepPolicy[]): Promise<void> {
    const { workflow } = this.#client;
    if (policies.length > 0) {
      await workflow.signalWithStart(sleepIdleModelsWorkflowType, {
        workflowId: sleepIdleModelsWorkflowId,
        taskQueue,
        args: [policies],
        signal: sleepPoliciesSignal,
        signalArgs: [policies],
      });
      return;
    }
    try {
      // Without any, it ends; there may be none from before.
      await workflow.getHandle(sleepIdleModelsWorkflowId).signal(sleepPoliciesSignal, policies);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
