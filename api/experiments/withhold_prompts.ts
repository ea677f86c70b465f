/** What those who do not operate Turnlog see of experiments: that a variant has a system prompt, and not which. */
import type {
  ExperimentDetail,
  ExperimentView,
  ShownDefinition,
  ShownVariant,
} from "../../events/contract/experiment_view.ts";

export function withholdPrompts<View extends ExperimentView>(view: View): View {
  return { ...view, definition: withheld(view.definition) };
}

export function withholdPromptsOfDetail(detail: ExperimentDetail): ExperimentDetail {
  const { fileDefinition, phases } = detail;
  return {
    ...withholdPrompts(detail),
    fileDefinition: fileDefinition && withheld(fileDefinition),
    phases: phases.map((phase) => ({ ...phase, definition: withheld(phase.definition) })),
  };
}

function withheld(definition: ShownDefinition): ShownDefinition {
  return { ...definition, variants: definition.variants.map(withheldVariant) };
}

function withheldVariant(variant: ShownVariant): ShownVariant {
  const { overrides } = variant;
  if (overrides.systemPrompt === undefined) return variant;
  return { ...variant, overrides: { ...overrides, systemPrompt: null } };
}
