/** One made-up conversation, or a further stretch of one: turns, feedback, regenerations, and what else its user does. */
import {
  type ConversationEvent,
  createEvent,
  type EventData,
  type EventOf,
  type EventSubject,
  type EventType,
} from "../../events/contract/event.ts";
import { type ComparableAnswer, judge } from "./comparison.ts";
import { experimentRoute } from "./experiment.ts";
import { otherModels } from "./models.ts";
import type { Outage } from "./outages.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { seedSource } from "./source.ts";
import { questionText } from "./texts.ts";
import type { ExperimentOptions } from "./traffic_options.ts";
import { type AnsweredTurn, answerTurn } from "./turn.ts";

/** How often a user goes on with the conversation where they left off. */
const continuedShare = 0.15;
const furtherTurnsMean = 2.2;
const turnsMax = 40;
/** From an answer to the next message. */
const readingMs = 40_000;
const regeneratedShare = 0.02;
/** The same after a thumbs-down. */
const regeneratedShareOfBad = 0.25;
/** How often a regeneration asks for another model, and how often its answer is then compared with the one before. */
const otherModelShare = 0.6;
const comparedShare = 0.6;
const commentedShare = 0.08;
const renamedShare = 0.03;
const deletedShare = 0.01;
const usualThumbsUpRate = 0.5;
/** How far people's own rates lie around that of all: 1 would reach from never to always. */
const tasteSpread = 0.3;

export interface Surroundings {
  outages: readonly Outage[];
  experiment: ExperimentOptions | null;
  /** When the experiment begins. */
  experimentFromMs: number;
}

/**
 * @param startMs When the user begins. @param rush How busy it is then, 1 on average.
 * @returns Its events in their order. What is remembered of the person changes with them.
 */
export function chat(
  random: Random,
  surroundings: Surroundings,
  person: Person,
  { startMs, rush }: { startMs: number; rush: number },
): ConversationEvent[] {
  return new Chat(random, surroundings, person, { startMs, rush }).events();
}

class Chat {
  readonly #random: Random;
  readonly #surroundings: Surroundings;
  readonly #person: Person;
  readonly #rush: number;
  readonly #events: ConversationEvent[] = [];
  #nowMs: number;

  constructor(
    random: Random,
    surroundings: Surroundings,
    person: Person,
    { startMs, rush }: { startMs: number; rush: number },
  ) {
    this.#random = random;
    this.#surroundings = surroundings;
    this.#person = person;
    this.#rush = rush;
    this.#nowMs = startMs;
  }

  events(): ConversationEvent[] {
    const random = this.#random;
    const conversation = this.#resumed() ?? this.#begun();
    const turns = Math.min(1 + Math.floor(random.exponential(furtherTurnsMean)), turnsMax);
    for (let turn = 0; turn < turns; turn++) {
      this.#turn(conversation);
      this.#nowMs += random.logNormal(readingMs, 0.9);
    }
    const subject = this.#subject(conversation.conversationId);
    if (random.chance(renamedShare)) {
      this.#state("conversation.renamed", subject, { title: "Notes" });
    }
    const isDeleted = random.chance(deletedShare);
    if (isDeleted) this.#state("conversation.deleted", subject, {});
    this.#person.latest = isDeleted ? null : { ...conversation, endedMs: this.#nowMs };
    return this.#events;
  }

  #resumed(): Conversation | null {
    const { latest } = this.#person;
    if (!latest || latest.endedMs > this.#nowMs || !this.#random.chance(continuedShare)) {
      return null;
    }
    return { ...latest };
  }

  #begun(): Conversation {
    const conversationId = `seed-${this.#random.uuid(this.#nowMs)}`;
    this.#state("conversation.created", this.#subject(conversationId), { title: null });
    this.#nowMs += this.#random.between(20, 200);
    return { conversationId, turnId: null, contextTokens: 0 };
  }

  /** A message with its answer, and with further answers where the user asks for them. */
  #turn(conversation: Conversation): void {
    const random = this.#random;
    const parentTurnId = conversation.turnId;
    const text = questionText(random);
    let regeneratedFrom: string | undefined;
    let answered: AnsweredTurn;
    let isBad: boolean;
    let { route } = this.#person;
    let earlier: ComparableAnswer | null = null;
    do {
      const turnId = `seed-${random.uuid(this.#nowMs)}`;
      const { variants, answerLength, thumbsUpRate } = this.#treatment(route);
      const subject = {
        ...this.#subject(conversation.conversationId),
        turnId,
        ...(variants && { variants }),
      };
      answered = answerTurn(random, this.#surroundings.outages, {
        subject,
        text,
        route,
        parentTurnId,
        ...(regeneratedFrom !== undefined && { regeneratedFrom }),
        sentMs: this.#nowMs,
        contextTokens: conversation.contextTokens,
        rush: this.#rush,
        answerLength,
      });
      this.#events.push(...answered.events);
      this.#nowMs = answered.endedMs;
      isBad = answered.outcome === "completed" && this.#rate(subject, thumbsUpRate) === "down";
      earlier = this.#compare(earlier, { subject, ...answered });
      conversation.turnId = turnId;
      regeneratedFrom ??= turnId;
      route = this.#nextRoute(route);
    } while (random.chance(isBad ? regeneratedShareOfBad : regeneratedShare));
    conversation.contextTokens += answered.tokens;
  }

  /** @returns The answer that a further one would be compared with: this one if it is complete. */
  #compare(
    earlier: ComparableAnswer | null,
    { subject, outcome, model }: { subject: ComparableAnswer["subject"] } & AnsweredTurn,
  ): ComparableAnswer | null {
    if (outcome !== "completed" || model === null) return earlier;
    const answer = { subject, model };
    if (earlier === null || !this.#random.chance(comparedShare)) return answer;
    this.#nowMs += this.#random.logNormal(20_000, 0.6);
    const { first, vote } = judge(this.#random, earlier, answer);
    this.#state("comparison.voted", first.subject, vote);
    return answer;
  }

  /** @returns Whom another answer to the same message is asked of. */
  #nextRoute(route: string): string {
    if (!this.#random.chance(otherModelShare)) return route;
    const others = otherModels.filter((model) => model !== route);
    return others[Math.floor(this.#random.next() * others.length)];
  }

  /** What the person gets now: their variant while the experiment runs, what the first one is before that. */
  #treatment(route: string): {
    variants?: Record<string, string>;
    answerLength: number;
    thumbsUpRate: number;
  } {
    const { experiment, experimentFromMs } = this.#surroundings;
    const { variant } = this.#person;
    if (experiment === null || variant === null || route !== experimentRoute) {
      return { answerLength: 1, thumbsUpRate: usualThumbsUpRate };
    }
    if (this.#nowMs < experimentFromMs) return experiment.variants[0];
    const { answerLength, thumbsUpRate } = variant;
    return { variants: { [experiment.name]: variant.name }, answerLength, thumbsUpRate };
  }

  /** @returns The rating that the person gives, if they give one. */
  #rate(subject: EventSubject, thumbsUpRate: number): "up" | "down" | null {
    const random = this.#random;
    const { ratingShare, goodwill } = this.#person;
    if (!random.chance(ratingShare)) return null;
    this.#nowMs += random.logNormal(8_000, 0.7);
    // As much better for some as it is worse for others, so that the rate over all is the one that was asked for.
    const spread = Math.min(thumbsUpRate, 1 - thumbsUpRate) * tasteSpread;
    const rating = random.chance(thumbsUpRate + spread * goodwill) ? "up" : "down";
    this.#state("feedback.given", subject, { rating, comment: null });
    if (random.chance(commentedShare)) {
      this.#nowMs += random.logNormal(12_000, 0.5);
      const comment = rating === "up" ? "Just what I needed" : "Not what I asked for";
      this.#state("feedback.given", subject, { rating, comment });
    }
    return rating;
  }

  #subject(conversationId: string): EventSubject {
    return { tenant: "default", userKey: this.#person.userKey, conversationId };
  }

  #state<Type extends EventType>(type: Type, subject: EventSubject, data: EventData[Type]): void {
    const event: EventOf<Type> = createEvent({
      id: this.#random.uuid(this.#nowMs),
      source: seedSource,
      type,
      subject,
      data,
      time: new Date(this.#nowMs),
    });
    this.#events.push(event as EventOf<EventType> as ConversationEvent);
  }
}

interface Conversation {
  conversationId: string;
  /** The last turn; null before the first one. */
  turnId: string | null;
  contextTokens: number;
}
