/** A model or a route as OpenAI's list of models has it. */
import type { ModelView } from "../../events/contract/api.ts";

export function listedModel({ name, kind, provider, available, reason }: ModelView) {
  return {
    id: name,
    object: "model" as const,
    // When it was made is not known.
    created: 0,
    owned_by: provider ?? `turnlog-${kind}`,
    available,
    reason,
  };
}
