/** Who chats: people who come, some of whom stay, each with habits of their own. */
import { experimentRoute } from "./experiment.ts";
import type { Random } from "./random.ts";
import type { ExperimentOptions, VariantOptions } from "./traffic_options.ts";

const dayMs = 86_400_000;

/** The share of people who are there when the traffic begins. */
const presentShare = 0.3;
/** The share of people who try it and do not come back after a day or so. */
const triersShare = 0.35;
const trierDaysMean = 1;
const stayerDaysMean = 60;

export interface Person {
  userKey: string;
  arrivesMs: number;
  leavesMs: number;
  /** How often they chat, beside the others. */
  activity: number;
  /** The share of their answers that they rate. */
  ratingShare: number;
  /** How inclined they are to a thumbs-up: between -1 and 1, 0 on average. */
  goodwill: number;
  /** What they get in the experiment; null where they have no part in it. */
  variant: VariantOptions | null;
  /** The route or model that they ask for. */
  route: string;
  /** Where they left off; null before their first conversation, and after they have deleted it. */
  latest:
    | { conversationId: string; turnId: string | null; contextTokens: number; endedMs: number }
    | null;
}

/** What people ask for: most take what there is. */
const routes = [["default", 84], ["claude-opus", 6], ["gpt-luna", 10]] as const;

/** @returns The people in the order in which they arrive. */
export function makePeople(
  random: Random,
  { count, fromMs, untilMs, experiment }: {
    count: number;
    fromMs: number;
    untilMs: number;
    experiment: ExperimentOptions | null;
  },
): Person[] {
  const people = Array.from({ length: count }, () => {
    const isPresent = random.chance(presentShare);
    // More come the later it is.
    const arrivesMs = isPresent ? fromMs : fromMs + Math.sqrt(random.next()) * (untilMs - fromMs);
    const isTrier = !isPresent && random.chance(triersShare);
    const daysMean = isTrier ? trierDaysMean : stayerDaysMean;
    const route = random.pickWeighted(routes);
    return {
      userKey: `seed-${random.hex(24)}`,
      arrivesMs,
      leavesMs: arrivesMs + random.exponential(daysMean) * dayMs,
      activity: random.logNormal(1, 0.7),
      ratingShare: Math.min(random.logNormal(0.15, 0.7), 0.8),
      goodwill: random.between(-1, 1),
      variant: experiment && route === experimentRoute ? variantOf(random, experiment) : null,
      route,
      latest: null,
    };
  });
  return people.sort((a, b) => a.arrivesMs - b.arrivesMs);
}

function variantOf(random: Random, { variants }: ExperimentOptions): VariantOptions {
  return random.pickWeighted(variants.map((variant) => [variant, variant.weight] as const));
}

/** Who is there on a day, to be drawn from as often as each is active. */
export class Crowd {
  readonly #people: Person[];
  readonly #upTo: number[] = [];
  #sum = 0;

  /** @param people In the order in which they arrive. */
  constructor(people: readonly Person[], dayStartMs: number) {
    const dayEndMs = dayStartMs + dayMs;
    this.#people = people.filter(({ arrivesMs, leavesMs }) =>
      arrivesMs < dayEndMs && leavesMs > dayStartMs
    );
    // Somebody is always there, so that the days have the traffic that they should.
    if (this.#people.length === 0) this.#people = people.slice(0, 1);
    for (const { activity } of this.#people) this.#upTo.push(this.#sum += activity);
  }

  pick(random: Random): Person {
    const place = random.next() * this.#sum;
    let [low, high] = [0, this.#upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#upTo[middle] > place) high = middle;
      else low = middle + 1;
    }
    return this.#people[low];
  }
}
