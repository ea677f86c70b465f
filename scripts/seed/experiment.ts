/** The made-up experiment as it is defined and started. */
import {
  createSystemEvent,
  type ExperimentAuthor,
  type SystemEvent,
} from "../../events/contract/event.ts";
import { type ExperimentChange, layerSlots } from "../../events/contract/experiment.ts";
import type { Random } from "./random.ts";
import { seedSource } from "./source.ts";
import type { ExperimentOptions } from "./traffic_options.ts";

/** Whose turns take part. */
export const experimentRoute = "default";
/** Its definition never changes. */
export const experimentPhase = 1;

/**
 * @returns How it was started and, at the end of the traffic, stopped: it stands in no `turnlog.yaml`, so that it cannot go
 * on.
 */
export function experimentEvents(
  random: Random,
  { name, variants }: ExperimentOptions,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): SystemEvent[] {
  const data: ExperimentChange & ExperimentAuthor = {
    experiment: name,
    phase: experimentPhase,
    definition: {
      route: experimentRoute,
      unit: "user",
      traffic: 1,
      layer: "default",
      goal: "thumbs_up_rate",
      guardrails: ["time_to_first_token", "cost_per_turn"],
      variants: variants.map(({ name, weight, systemPrompt }) => ({
        name,
        weight,
        overrides: systemPrompt === undefined ? {} : { systemPrompt },
      })),
    },
    slots: [[0, layerSlots]],
    by: "seed",
  };
  const change = (type: "experiment.started" | "experiment.stopped", atMs: number) =>
    createSystemEvent({
      id: random.uuid(atMs),
      source: seedSource,
      type,
      subject: `experiment/${name}`,
      time: new Date(atMs),
      data,
    }) as SystemEvent;
  return [change("experiment.started", fromMs), change("experiment.stopped", untilMs - 1)];
}
