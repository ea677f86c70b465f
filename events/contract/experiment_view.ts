/** Experiments as the API tells of them. */
import type { ExperimentAuthor } from "./event.ts";
import type { ExperimentDefinition, Overrides, Variant } from "./experiment.ts";
import type { ExperimentResults } from "./experiment_results.ts";
import type { ExperimentEventType, ExperimentState } from "./experiment_state.ts";

export interface ExperimentView {
  name: string;
  /** `draft`: it was never started. */
  status: "draft" | ExperimentState["status"];
  /** Whether it stands in `turnlog.yaml`; one that does not has no part in any turn. */
  isInFile: boolean;
  /** Whether `deno task seed` made it up, with turns that it counts; whoever changed it since. */
  isMadeUp: boolean;
  /** Null for a draft, like the times. */
  phase: number | null;
  /** As it stands: that of the file for a draft. */
  definition: ShownDefinition;
  startedAt: string | null;
  phaseStartedAt: string | null;
  endedAt: string | null;
  winner: string | null;
  /**
   * Of the present phase, or the one that was asked for, in the order of its variants; null where ClickHouse does not tell,
   * and for a draft.
   */
  exposures: VariantExposures[] | null;
}

/** A definition as it is told to someone. */
export interface ShownDefinition extends Omit<ExperimentDefinition, "variants"> {
  variants: ShownVariant[];
}

export interface ShownVariant extends Omit<Variant, "overrides"> {
  overrides: ShownOverrides;
}

export interface ShownOverrides extends Omit<Overrides, "systemPrompt"> {
  /** Null to all but operators, where there is one: how an assistant is instructed is not for everyone to read. */
  systemPrompt?: string | null;
}

export interface VariantExposures {
  variant: string;
  /** Users or conversations, as the experiment deals them out. */
  units: number;
  turns: number;
}

export interface ExperimentDetail extends ExperimentView {
  /** The definition in `turnlog.yaml` where another one stands: it is taken up by the next start. */
  fileDefinition: ShownDefinition | null;
  /** The newest last. */
  phases: ExperimentPhase[];
  /** What was done, the newest last. */
  audit: ExperimentAct[];
  /** Of the phase that was asked for, as `exposures`; null for a draft, and where ClickHouse does not tell. */
  results: ExperimentResults | null;
}

export interface ExperimentPhase {
  phase: number;
  startedAt: string;
  /** When the next phase began, or the experiment was stopped or ended; null for one that runs. */
  endedAt: string | null;
  definition: ShownDefinition;
}

export interface ExperimentAct extends ExperimentAuthor {
  type: ExperimentEventType;
  time: string;
  phase: number;
  winner?: string;
}
