/** What traffic is to be made, with what is taken where nothing is said. */

export interface TrafficOptions {
  /** How many events, about: conversations are whole. */
  events: number;
  /** The traffic ends here, in milliseconds since 1970; nothing happens later. */
  untilMs: number;
  /** How long before that it begins. */
  days: number;
  /** The zone in whose days and hours people live, as `Europe/Berlin`. */
  timeZone: string;
  /** The same number makes the same traffic. */
  seed: number;
  /** How many people, about; made of the number of events where it is unset. */
  users?: number;
  /** What each month has of the month before. */
  monthlyGrowth: number;
  experiment: ExperimentOptions | null;
}

/** An experiment among those who ask for `default`, whose effect is known: what is said of it can be held against the truth. */
export interface ExperimentOptions {
  name: string;
  /** The share of the days, at their end, in which it runs; what is before it is there to compare with. */
  runningShare: number;
  variants: readonly [VariantOptions, ...VariantOptions[]];
}

export interface VariantOptions {
  name: string;
  /** How many people get it, beside the weights of the others. */
  weight: number;
  /** What its users' answers are told; for the definition alone, since nobody answers here. */
  systemPrompt?: string;
  /** Of the ratings that its users give, the share that is a thumbs-up. */
  thumbsUpRate: number;
  /** How long its answers are, beside those without the experiment. */
  answerLength: number;
}

/** Shorter answers, which people like better: 0.50 to 0.55. */
export const briefAnswers: ExperimentOptions = {
  name: "brief-answers",
  runningShare: 0.4,
  variants: [
    { name: "control", weight: 50, thumbsUpRate: 0.5, answerLength: 1 },
    {
      name: "brief",
      weight: 50,
      systemPrompt: "Answer in a few sentences.",
      thumbsUpRate: 0.55,
      answerLength: 0.6,
    },
  ],
};

export const trafficDefaults: Omit<TrafficOptions, "untilMs" | "timeZone"> = {
  events: 100_000,
  days: 90,
  seed: 1,
  monthlyGrowth: 1.2,
  experiment: briefAnswers,
};
