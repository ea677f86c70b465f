/** What a turn's workflow tells those who filter in the Temporal UI. */
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { upsertSearchAttributes } from "@temporalio/workflow";
import type { Candidate } from "../events/contract/turn_plan.ts";

const modelKey = defineSearchAttributeKey("Model", SearchAttributeType.KEYWORD);
const providerKey = defineSearchAttributeKey("Provider", SearchAttributeType.KEYWORD);
const outcomeKey = defineSearchAttributeKey("Outcome", SearchAttributeType.KEYWORD);

/** How the turn ended, or that it waits. */
export function nameOutcome(outcome: string): void {
  upsertSearchAttributes([{ key: outcomeKey, value: outcome }]);
}

/** Whom the turn calls now; the first candidate is named at the start. */
export function nameCandidate({ model, provider }: Candidate): void {
  upsertSearchAttributes([{ key: modelKey, value: model }, { key: providerKey, value: provider }]);
}
