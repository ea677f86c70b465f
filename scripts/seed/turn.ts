/** One made-up turn, with the events that the workflow `answerTurn` would have stated, under the same policies. */
import {
  type AttemptTarget,
  type ConversationEvent,
  createEvent,
  type EventData,
  type EventOf,
  type EventSubject,
  type EventType,
} from "../../events/contract/event.ts";
import type { Failure } from "../../events/contract/failure.ts";
import { addUsage, type FinishReason, noUsage, type Usage } from "../../events/contract/usage.ts";
import { costOf } from "../../workflows/cost.ts";
import {
  isTransient,
  reactionTo,
  retryDelayMs,
  waitDelayMs,
} from "../../workflows/failure_policy.ts";
import { experimentPhase } from "./experiment.ts";
import {
  candidatesOf,
  failureOf,
  outageFailures,
  type SeedModel,
  usualFailures,
} from "./models.ts";
import type { Outage } from "./outages.ts";
import type { Random } from "./random.ts";
import { seedSource } from "./source.ts";
import { answerText } from "./texts.ts";

/** How often one candidate is tried before the next one is. */
const triesPerCandidate = 2;
/** How often a turn waits before it fails. */
const waitingRoundsMax = 12;
/** Of the calls that come while an endpoint is down, the share that tries whether it answers again. */
const probeShare = 0.15;
const stopShare = 0.04;
const lengthFinishShare = 0.01;
const charactersPerToken = 4;
const answerLengthMedian = 700;
const partLengthMean = 30;

export interface TurnRequest {
  subject: EventSubject & { turnId: string };
  text: string;
  route: string;
  parentTurnId: string | null;
  regeneratedFrom?: string;
  sentMs: number;
  /** What the conversation has before this message. */
  contextTokens: number;
  /** How busy it is, 1 on average. */
  rush: number;
  /** How long the answer is beside others. */
  answerLength: number;
}

export interface AnsweredTurn {
  events: ConversationEvent[];
  outcome: "completed" | "stopped" | "failed";
  /** The model of the last attempt; null where there was none. */
  model: SeedModel | null;
  endedMs: number;
  /** Of the message and the answer. */
  tokens: number;
}

export function answerTurn(
  random: Random,
  outages: readonly Outage[],
  request: TurnRequest,
): AnsweredTurn {
  return new Turn(random, outages, request).answer();
}

type Called =
  | { outcome: "completed" | "stopped"; finishReason: FinishReason }
  | { outcome: "failed"; failure: Failure };

class Turn {
  readonly #random: Random;
  readonly #outages: readonly Outage[];
  readonly #request: TurnRequest;
  readonly #events: ConversationEvent[] = [];
  /** The whole answer, if nothing cuts it short. */
  readonly #answer: string;
  /** How much of it is there. */
  #writtenLength = 0;
  #attempts = 0;
  #called: SeedModel | null = null;
  #usage: Usage = noUsage;
  #costUsd = 0;
  #nowMs: number;

  constructor(random: Random, outages: readonly Outage[], request: TurnRequest) {
    this.#random = random;
    this.#outages = outages;
    this.#request = request;
    this.#nowMs = request.sentMs;
    this.#answer = answerText(
      random,
      random.logNormal(answerLengthMedian, 0.8) * request.answerLength,
    );
  }

  answer(): AnsweredTurn {
    const { text, parentTurnId, regeneratedFrom, route } = this.#request;
    const requestHash = this.#random.hex(64);
    const candidates = candidatesOf[route].map(({ model }) => model);
    this.#state("message.sent", {
      text,
      parentTurnId,
      ...(regeneratedFrom !== undefined && { regeneratedFrom }),
      route,
      requestHash,
    });
    this.#pass(this.#random.between(6, 20));
    this.#state("turn.started", { route, candidates });
    this.#pass(this.#random.between(2, 10));
    const called = this.#callUntilAnswered();
    this.#pass(this.#random.between(2, 12));
    this.#end(called);
    return {
      events: this.#events,
      outcome: called.outcome,
      model: this.#called,
      endedMs: this.#nowMs,
      tokens: tokensOf(text.length) + tokensOf(this.#writtenLength),
    };
  }

  #callUntilAnswered(): Called {
    for (let round = 0;; round++) {
      const { called, passing } = this.#callCandidates(round);
      if (called.outcome !== "failed" || !passing || round === waitingRoundsMax) return called;
      const delayMs = waitDelayMs(passing, round, this.#random.next());
      const until = new Date(this.#nowMs + delayMs).toISOString();
      this.#state("turn.waiting", { until, reason: passing });
      this.#pass(delayMs);
    }
  }

  #reason: Failure | undefined;

  /** @returns How the last call went, and the last failure that may pass. */
  #callCandidates(round: number): { called: Called; passing?: Failure } {
    let passing: Failure | undefined;
    for (const [index, candidate] of candidatesOf[this.#request.route].entries()) {
      const tries = round === 0 ? triesPerCandidate : 1;
      for (let retries = 0; retries < tries; retries++) {
        const outage = this.#outageOf(candidate);
        if (outage && !this.#random.chance(probeShare)) {
          this.#reason = passing = outage.failure;
          break;
        }
        const called = this.#call(candidate, outage, index > 0);
        if (called.outcome !== "failed") return { called };
        const { failure } = called;
        this.#reason = failure;
        const reaction = reactionTo(failure);
        if (reaction === "give-up") return { called };
        if (isTransient(failure)) passing = failure;
        if (reaction !== "retry") break;
        this.#pass(retryDelayMs(failure, retries, this.#random.next()));
      }
    }
    return { called: { outcome: "failed", failure: this.#reason! }, passing };
  }

  #outageOf({ provider, endpoint }: SeedModel): Outage | undefined {
    return this.#outages.find((outage) =>
      outage.provider === provider && outage.endpoint === endpoint &&
      outage.fromMs <= this.#nowMs && this.#nowMs < outage.untilMs
    );
  }

  /** One attempt, from its start to its end. */
  #call(candidate: SeedModel, outage: Outage | undefined, isFallback: boolean): Called {
    const random = this.#random;
    this.#attempts++;
    this.#called = candidate;
    const { provider, model, requestModel, endpoint } = candidate;
    const target: AttemptTarget = { provider, model, requestModel, endpoint, isFallback };
    const continues = this.#writtenLength;
    if (this.#attempts === 1) this.#expose();
    this.#state("attempt.started", {
      ...target,
      ...(this.#reason && { reason: this.#reason }),
      continues,
    });
    const failure = outage
      ? failureOf(random.pickWeighted(outageFailures))
      : this.#usualFailure(candidate);
    const wrote = this.#write(candidate, failure);
    const end = {
      ...target,
      responseModel: wrote.firstTokenMs === null ? null : requestModel,
      timeToFirstTokenMs: wrote.firstTokenMs,
      durationMs: wrote.durationMs,
      usage: wrote.usage,
      ...(failure && wrote.text !== "" && { isUsageEstimated: true }),
      costUsd: costOf(wrote.usage, candidate.price),
      priceVersion: candidate.price?.version ?? null,
      text: wrote.text,
      reasoning: "",
      isContinuation: continues > 0,
      lastSequence: Math.ceil(wrote.text.length / partLengthMean) + 1,
    };
    this.#pass(wrote.durationMs);
    this.#usage = addUsage(this.#usage, wrote.usage);
    this.#costUsd += end.costUsd;
    if (failure) {
      this.#state("attempt.failed", { ...end, error: failure });
      return { outcome: "failed", failure };
    }
    const { finishReason } = wrote;
    this.#state("attempt.completed", { ...end, finishReason });
    return { outcome: finishReason.unified === "stopped" ? "stopped" : "completed", finishReason };
  }

  /** States that the variant acts from here on. */
  #expose(): void {
    for (const [experiment, variant] of Object.entries(this.#request.subject.variants ?? {})) {
      const data = { experiment, phase: experimentPhase, variant, unit: "user" as const };
      this.#state("variant.exposed", data);
    }
  }

  #usualFailure({ failureShare }: SeedModel): Failure | null {
    if (!this.#random.chance(failureShare)) return null;
    return failureOf(this.#random.pickWeighted(usualFailures));
  }

  /** What an attempt writes of the rest of the answer, in which time. */
  #write(candidate: SeedModel, failure: Failure | null) {
    const random = this.#random;
    const { contextTokens, text: message, rush } = this.#request;
    const before = contextTokens + tokensOf(message.length) + tokensOf(this.#writtenLength);
    if (failure && !["cut-off", "stalled"].includes(failure.class)) {
      const durationMs = failure.class === "timed-out" ? 15_000 : random.between(40, 600);
      return nothingWritten(Math.round(durationMs));
    }
    const rest = this.#answer.slice(this.#writtenLength);
    const isStopped = !failure && random.chance(stopShare);
    const share = failure || isStopped ? random.between(0.1, 0.9) : 1;
    const text = rest.slice(0, Math.ceil(rest.length * share));
    this.#writtenLength += text.length;
    const textTokens = tokensOf(text.length);
    const reasoningTokens = Math.round(textTokens * candidate.reasoningShare);
    const usage: Usage = {
      inputTokens: before,
      outputTokens: textTokens + reasoningTokens,
      cachedTokens: Math.floor(contextTokens * candidate.cachedShare),
      reasoningTokens,
    };
    const slowness = 1 + (candidate.rushFactor - 1) * Math.min(rush, 1.6) / 1.6;
    const firstTokenMs = random.logNormal(candidate.firstTokenMs * slowness, 0.35);
    const pace = random.logNormal(candidate.tokensPerSecond, 0.15);
    const stallMs = failure?.class === "stalled" ? 20_000 : 0;
    return {
      text,
      usage,
      firstTokenMs: Math.round(firstTokenMs * 10) / 10,
      durationMs: Math.round(firstTokenMs + usage.outputTokens / pace * 1000 + stallMs),
      finishReason: this.#finishReason(isStopped),
    };
  }

  #finishReason(isStopped: boolean): FinishReason {
    if (isStopped) return { unified: "stopped", raw: null };
    return this.#random.chance(lengthFinishShare)
      ? { unified: "length", raw: "length" }
      : { unified: "stop", raw: "stop" };
  }

  #end(called: Called): void {
    const end = {
      attempts: this.#attempts,
      durationMs: Math.round(this.#nowMs - this.#request.sentMs),
      usage: this.#usage,
      costUsd: this.#costUsd,
    };
    switch (called.outcome) {
      case "completed":
        return this.#state("turn.completed", { ...end, finishReason: called.finishReason });
      case "stopped":
        return this.#state("turn.stopped", { ...end, textLength: this.#writtenLength });
      case "failed":
        return this.#state("turn.failed", { ...end, error: called.failure });
    }
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
  }

  #state<Type extends EventType>(type: Type, data: EventData[Type]): void {
    const { subject } = this.#request;
    const event: EventOf<Type> = createEvent({
      id: this.#random.uuid(this.#nowMs),
      source: seedSource,
      type,
      subject: type.startsWith("attempt.") || type === "variant.exposed"
        ? { ...subject, attempt: this.#attempts }
        : subject,
      data,
      time: new Date(this.#nowMs),
    });
    this.#events.push(event as EventOf<EventType> as ConversationEvent);
  }
}

function nothingWritten(durationMs: number) {
  const finishReason: FinishReason = { unified: "other", raw: null };
  return { text: "", usage: noUsage, firstTokenMs: null, durationMs, finishReason };
}

function tokensOf(length: number): number {
  return Math.ceil(length / charactersPerToken);
}
