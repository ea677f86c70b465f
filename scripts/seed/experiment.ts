/** The made-up experiment as it is defined and started. */
import { createSystemEvent, type SystemEvent } from "../../events/contract/event.ts";
import { layerSlots } from "../../events/contract/experiment.ts";
import type { Random } from "./random.ts";
import { seedSource } from "./source.ts";
import type { ExperimentOptions } from "./traffic_options.ts";

/** Whose turns take part. */
export const experimentRoute = "default";
/** Its definition never changes. */
export const experimentPhase = 1;

export function startedExperiment(
  random: Random,
  { name, variants }: ExperimentOptions,
  atMs: number,
): SystemEvent {
  return createSystemEvent({
    id: random.uuid(atMs),
    source: seedSource,
    type: "experiment.started",
    subject: `experiment/${name}`,
    time: new Date(atMs),
    data: {
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
      by: "file",
    },
  });
}
