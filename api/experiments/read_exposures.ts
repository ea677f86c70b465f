/** How many units and turns were exposed to the variants, as ClickHouse counts them. */
import type { ExperimentState } from "../../events/contract/experiment_state.ts";
import type { VariantExposures } from "../../events/contract/experiment_view.ts";
import type { AnalyticsReader } from "../analytics_reader.ts";

/** A row of the view `experiment_exposure_counts`; whole numbers of 64 bits come as text. */
export interface ExposureCount {
  experiment: string;
  phase: number;
  variant: string;
  units: string;
  turns: string;
}

/**
 * @param experiment All experiments where it is empty.
 * @throws ProblemError where ClickHouse does not answer.
 */
export async function readExposureCounts(
  reader: AnalyticsReader,
  experiment: string,
): Promise<ExposureCount[]> {
  const bindings = { experiment: { type: "String", value: experiment } };
  return await reader.select<ExposureCount>("experiment_exposure_counts", bindings);
}

/** @returns Those of the state's phase, in the order of its variants. */
export function exposuresOf(
  { experiment, phase, definition }: ExperimentState,
  counts: readonly ExposureCount[],
): VariantExposures[] {
  return definition.variants.map(({ name }) => {
    const count = counts.find((each) =>
      each.experiment === experiment && Number(each.phase) === phase && each.variant === name
    );
    return { variant: name, units: Number(count?.units ?? 0), turns: Number(count?.turns ?? 0) };
  });
}
