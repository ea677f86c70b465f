/** By what a turn's run is found in Temporal. */
import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
} from "@temporalio/common";
import type { PlannedExposure, TurnPlan } from "../events/contract/turn_plan.ts";

/** What SQL databases take as a search attribute. */
const keywordLengthMax = 255;

/** @returns What is known before the turn is answered; its workflow changes the model and the provider. */
export function searchAttributesOf(
  { conversationId, turnId, candidates, exposures }: TurnPlan,
): SearchAttributePair[] {
  const [first] = candidates;
  return [
    keyword("ConversationId", conversationId),
    keyword("TurnId", turnId),
    keyword("Model", first.model),
    keyword("Provider", first.provider),
    ...(exposures ? [keyword("Experiments", describeExposures(exposures))] : []),
  ];
}

function keyword(name: string, value: string): SearchAttributePair {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}

/** @returns The variants with their phases, as `tone=brief@1`: as many as fit. */
function describeExposures(exposures: readonly PlannedExposure[]): string {
  return exposures.map(({ experiment, variant, phase }) => `${experiment}=${variant}@${phase}`)
    .reduce((described, each) => {
      const longer = described === "" ? each : `${described} ${each}`;
      return longer.length <= keywordLengthMax ? longer : described;
    }, "");
}
