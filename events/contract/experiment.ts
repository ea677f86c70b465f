/**
 * An experiment: users or conversations are dealt out to variants, which answer in different ways, and what comes of it is
 * compared. What it is stands in `turnlog.yaml`; that it runs, and how it ends, are events.
 */
import type { GenerationParameters, Timeouts } from "./call_settings.ts";
import type { MetricName } from "./experiment_metrics.ts";

/** What is dealt out: a user keeps the variant in all conversations, or each conversation has its own. */
export type ExperimentUnit = "user" | "conversation";

/** All that decides who takes part and what the variants do. When it changes, the experiment has another phase. */
export interface ExperimentDefinition {
  /** The route or model that a turn of the experiment asks for. */
  route: string;
  /** Where the turn is asked: in the app, or by a program; either where it is absent. */
  client?: "app" | "program";
  unit: ExperimentUnit;
  /** The share of the units that take part, above 0 to 1. */
  traffic: number;
  /** Experiments of one layer have no unit in common; different layers are independent of each other. */
  layer: string;
  /** What the experiment is to make better. */
  goal: MetricName;
  /** What it must not make worse. */
  guardrails: MetricName[];
  /** Two at least. The first one is the baseline, with which the others are compared. */
  variants: Variant[];
}

export interface Variant {
  name: string;
  /** Its part of the units, by the sum of all weights. */
  weight: number;
  overrides: Overrides;
}

/** What a variant changes in the plan of a turn. */
export interface Overrides {
  /** The turn is answered as if it had asked for this route. */
  route?: string;
  /** This model is asked first; the route's candidates stay behind it. */
  model?: string;
  /** These models are asked, in this order, and no others. */
  candidates?: string[];
  systemPrompt?: string;
  /** What the one who asks says of these outranks them. */
  parameters?: GenerationParameters;
  timeouts?: Partial<Timeouts>;
}

/** What the events of experiments tell. */
export interface ExperimentChange {
  experiment: string;
  /** From 1; each change of the definition begins another one. */
  phase: number;
  /** The whole definition as it stands from now on. */
  definition: ExperimentDefinition;
  /** Which units of the layer take part: from the one slot on, before the other, of {@linkcode layerSlots}. */
  slots: SlotRange[];
}

export type SlotRange = [from: number, before: number];

/** Into how many slots each layer deals its units. */
export const layerSlots = 10_000;

/** What says that a turn took part once it comes so far; see `variant.exposed`. */
export interface Exposure {
  experiment: string;
  phase: number;
  variant: string;
  unit: ExperimentUnit;
}
