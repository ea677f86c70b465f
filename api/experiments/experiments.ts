/**
 * The experiments of this Turnlog: who takes part in them, and how they begin and end. How they stand is in the store, which
 * is read with each turn, so that all api processes deal out alike from the same moment on.
 */
import type { Overrides } from "../../events/contract/experiment.ts";
import type { ExperimentEvent, ExperimentState } from "../../events/contract/experiment_state.ts";
import { loggerOf } from "../../events/logging.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import type { Planned } from "../planner.ts";
import type { Operator } from "../router.ts";
import {
  endExperiment,
  type ExperimentFile,
  startExperiment,
  stopExperiment,
  takeUpFile,
  unknownExperiment,
} from "./decide_changes.ts";
import { definitionOf } from "./experiment_schema.ts";
import { type AskedTurn, planVariants } from "./plan_variants.ts";
import type { StandingExperiment } from "./experiment_views.ts";

const log = loggerOf("api", "experiments");

/** What experiments need to know of `turnlog.yaml`. */
export interface ExperimentCatalogue {
  experiments(): ExperimentFile;
  plan(asked: string, overrides: Overrides): Planned;
}

export class Experiments {
  readonly #store: EventStore;
  readonly #catalogue: ExperimentCatalogue;

  constructor({ store, catalogue }: { store: EventStore; catalogue: ExperimentCatalogue }) {
    this.#store = store;
    this.#catalogue = catalogue;
  }

  /**
   * Plans a turn under the variants that it is assigned.
   *
   * @throws PlanError where nobody can answer.
   */
  async plan(turn: AskedTurn): Promise<ReturnType<typeof planVariants>> {
    const file = this.#catalogue.experiments();
    // Without any in the file, there is nothing to look for.
    const states = Object.keys(file).length === 0 ? [] : await this.#store.experiments();
    const standing = states.filter(({ experiment }) => Object.hasOwn(file, experiment));
    return planVariants(
      turn,
      standing,
      (overrides) => this.#catalogue.plan(turn.asked, overrides),
    );
  }

  /** States what follows from the file as it is now. To be called once for each file that was read, lest two go on disagreeing. */
  async takeUpFile(): Promise<void> {
    const file = this.#catalogue.experiments();
    let refused: string[] = [];
    await this.#update((states) => {
      const taken = takeUpFile(states, file);
      refused = taken.refused;
      return taken.events;
    });
    for (const reason of refused) log.error(`Could not take up an experiment: ${reason}`);
  }

  /** @throws ProblemError where it cannot start. */
  async start(name: string, operator: Operator): Promise<void> {
    const file = this.#catalogue.experiments();
    await this.#update((states) => startExperiment(name, states, file, operator));
  }

  /** @throws ProblemError where it was never started, or has ended. */
  async stop(name: string, operator: Operator): Promise<void> {
    const file = this.#catalogue.experiments();
    await this.#update((states) => stopExperiment(name, states, file, operator));
  }

  /** @throws ProblemError where it was never started, has ended otherwise, or has no such variant. */
  async end(name: string, winner: string | undefined, operator: Operator): Promise<void> {
    const file = this.#catalogue.experiments();
    await this.#update((states) => endExperiment(name, winner, states, file, operator));
  }

  /** All that stand in the file, in its order, then those that did once. */
  async list(): Promise<StandingExperiment[]> {
    const file = this.#catalogue.experiments();
    const states = new Map(
      (await this.#store.experiments()).map((state) => [state.experiment, state]),
    );
    const names = new Set([...Object.keys(file), ...states.keys()]);
    return [...names].map((name) => ({
      name,
      state: states.get(name) ?? null,
      fileDefinition: Object.hasOwn(file, name) ? definitionOf(name, file[name]) : null,
    }));
  }

  /** @throws ProblemError where there is none of this name. */
  async read(name: string): Promise<StandingExperiment & { events: ExperimentEvent[] }> {
    const found = (await this.list()).find((each) => each.name === name);
    if (found === undefined) throw unknownExperiment(name);
    return { ...found, events: await this.#store.experimentEvents(name) };
  }

  async #update(
    decide: (states: ExperimentState[]) => readonly ExperimentEvent[],
  ): Promise<void> {
    let events: readonly ExperimentEvent[] = [];
    await this.#store.updateExperiments((states) => events = decide(states));
    for (const { type, data } of events) {
      const { experiment, phase, by } = data;
      log.info("{type}: {experiment}, phase {phase}, by {by}", { type, experiment, phase, by });
    }
  }
}
