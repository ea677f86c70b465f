/** How people judge two answers beside each other: by how good their models are, with some chance. */
import { comparedTurns, type Comparison } from "../../events/contract/comparison.ts";
import type { EventSubject } from "../../events/contract/event.ts";
import type { SeedModel } from "./models.ts";
import type { Random } from "./random.ts";

const tieShare = 0.12;
const neitherShare = 0.06;

/** A complete answer. */
export interface ComparableAnswer {
  subject: EventSubject & { turnId: string };
  model: SeedModel;
}

/** @returns A vote on the two, and the answer whose turn states it. */
export function judge(
  random: Random,
  a: ComparableAnswer,
  b: ComparableAnswer,
): { first: ComparableAnswer; vote: Comparison } {
  const turnIds = comparedTurns(a.subject.turnId, b.subject.turnId);
  const [first, second] = turnIds[0] === a.subject.turnId ? [a, b] : [b, a];
  return {
    first,
    vote: {
      turnIds,
      models: [first.model.model, second.model.model],
      winner: winnerOf(random, first.model.strength - second.model.strength),
    },
  };
}

/** @param advantage Of the first, in logits: the model of Bradley and Terry, which the dashboard's ranking fits. */
function winnerOf(random: Random, advantage: number): Comparison["winner"] {
  if (random.chance(tieShare)) return "tie";
  if (random.chance(neitherShare)) return "neither";
  return random.chance(1 / (1 + Math.exp(-advantage))) ? "first" : "second";
}
