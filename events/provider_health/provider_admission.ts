/**
 * The way in to the providers: whoever is about to call one asks here first, and is told at which of its endpoints, or
 * why nobody is called. One such object serves a whole process. It knows nothing of Temporal.
 *
 * What it promises: within one process an endpoint gets at most `limits.concurrent` calls at once, and at most one while
 * it is half-open. Over all processes it is one probe too, but for those that begin within the 50 ms or so that events
 * take from one to the other.
 */
import { atEndpoint, endpointsOf } from "../contract/endpoint.ts";
import type { Failure } from "../contract/failure.ts";
import type { BreakerPolicy, Candidate, ProviderLimits } from "../contract/turn_plan.ts";
import { coolingDown } from "./cooling_down.ts";
import { EndpointPlaces } from "./endpoint_places.ts";
import { FairQueue } from "./fair_queue.ts";
import type { ProviderHealth } from "./provider_health.ts";

export type Admission =
  | AdmittedCall
  /** Nobody is to be called: all endpoints cool down, or there is no place in the queue. */
  | { type: "refused"; failure: Failure }
  /** The signal was aborted while the call waited. */
  | { type: "aborted" };

export interface AdmittedCall {
  type: "admitted";
  /** The candidate with the endpoint at which to call it. */
  candidate: Candidate;
  /** To be told of each sign of an answer: the first one ends the endpoint's cool-down. */
  answers(): void;
  /** Gives the place to the next one. To be called when the call has ended, however; a second time does nothing. */
  release(): void;
}

/** What `turnlog.yaml` says where it says nothing, for plans of Turnlog 0.1. */
const defaultLimits: ProviderLimits = { concurrent: 1000, queued: 1000, queueMs: 30_000 };
const defaultBreaker: BreakerPolicy = { failures: 5, cooldownMs: 30_000 };

/** How long a call waits for what another one finds out of an endpoint that has cooled down. */
const probeWaitMs = 2000;

interface Waiter {
  candidate: Candidate;
  answer(admission: Admission): void;
}

export class ProviderAdmission {
  readonly #health: ProviderHealth;
  readonly #places: EndpointPlaces;
  /** As many as there are providers in `turnlog.yaml` and in the plans that are under way. */
  readonly #queues = new Map<string, FairQueue<Waiter>>();

  constructor(health: ProviderHealth) {
    this.#health = health;
    this.#places = new EndpointPlaces(health);
    health.onChange((provider) => this.#serveQueue(provider));
  }

  /**
   * @param options.userKey Who asks: those who wait are served in turns.
   * @param options.signal Ends the wait.
   */
  admit(
    candidate: Candidate,
    { userKey, signal }: { userKey: string; signal: AbortSignal },
  ): Promise<Admission> {
    if (signal.aborted) return Promise.resolve({ type: "aborted" });
    const { provider, limits = defaultLimits } = candidate;
    const queue = this.#queueOf(candidate);
    const decision = this.#decide(candidate);
    if (decision.type === "refused") return Promise.resolve(decision);
    if (decision.type === "call" && queue.length === 0) {
      return Promise.resolve(this.#enter(candidate, decision.endpoint));
    }
    if (queue.length >= limits.queued) {
      const message = `${provider} has as many calls under way as it may, and ${queue.length} wait`;
      return Promise.resolve({ type: "refused", failure: { class: "overloaded", message } });
    }
    const waiting = decision.type === "wait-for-probe"
      ? { ms: Math.min(probeWaitMs, limits.queueMs), failure: decision.failure }
      : { ms: limits.queueMs, failure: queuedTooLong(provider, limits.queueMs) };
    const admission = wait(queue, { candidate, userKey, signal, ...waiting });
    // Something may have become free by the clock alone.
    this.#serveQueue(provider);
    return admission;
  }

  /** @returns Null where the call would have to wait, or nobody is to be called. */
  admitNow(candidate: Candidate): AdmittedCall | null {
    if (this.#queueOf(candidate).length > 0) return null;
    const decision = this.#decide(candidate);
    return decision.type === "call" ? this.#enter(candidate, decision.endpoint) : null;
  }

  /** What is under way and what waits, for the metrics. */
  places(): { provider: string; endpoint: string; inFlight: number }[] {
    return this.#places.list();
  }

  queueLengths(): { provider: string; queued: number }[] {
    return [...this.#queues].map(([provider, { length }]) => ({ provider, queued: length }));
  }

  /** The queue of the candidate's provider; what it says of its endpoints holds from now on. */
  #queueOf(candidate: Candidate): FairQueue<Waiter> {
    const { provider, breaker = defaultBreaker } = candidate;
    for (const endpoint of endpointsOf(candidate)) {
      this.#health.watch({ provider, endpoint }, breaker);
    }
    let queue = this.#queues.get(provider);
    if (queue === undefined) this.#queues.set(provider, queue = new FairQueue());
    return queue;
  }

  /** Whether the candidate can be called now, and where. */
  #decide(candidate: Candidate):
    | { type: "call"; endpoint: string | undefined }
    | { type: "wait-for-place" }
    | { type: "wait-for-probe"; failure: Failure }
    | { type: "refused"; failure: Failure } {
    const { provider, limits = defaultLimits } = candidate;
    const endpoints = endpointsOf(candidate);
    const hasRoom = (endpoint: string) =>
      this.#places.at(provider, endpoint).inFlight < limits.concurrent;
    if (endpoints.length === 0) {
      return hasRoom("") ? { type: "call", endpoint: undefined } : { type: "wait-for-place" };
    }
    const inState = Map.groupBy(endpoints, (endpoint) => this.#stateOf(provider, endpoint));
    // First, as it would never be known otherwise that it answers again.
    const toProbe = inState.get("to-probe") ?? [];
    const probed = toProbe.find(hasRoom);
    if (probed !== undefined) return { type: "call", endpoint: probed };
    const closed = inState.get("closed") ?? [];
    const withRoom = closed.filter(hasRoom);
    if (withRoom.length > 0) {
      return { type: "call", endpoint: this.#places.choose(candidate, withRoom) };
    }
    if (closed.length + toProbe.length > 0) return { type: "wait-for-place" };
    const { failure } = coolingDown(candidate, this.#health)!;
    return { type: inState.has("probed") ? "wait-for-probe" : "refused", failure };
  }

  #stateOf(provider: string, endpoint: string): "closed" | "open" | "to-probe" | "probed" {
    const state = this.#health.stateOf({ provider, endpoint });
    if (state !== "half-open") return state;
    const isProbed = this.#places.at(provider, endpoint).probe !== null ||
      this.#health.isProbed({ provider, endpoint });
    return isProbed ? "probed" : "to-probe";
  }

  #enter(candidate: Candidate, endpoint: string | undefined): AdmittedCall {
    const { provider } = candidate;
    const place = this.#places.at(provider, endpoint ?? "");
    const isProbe = endpoint !== undefined &&
      this.#health.stateOf({ provider, endpoint }) === "half-open";
    place.inFlight++;
    place.sinceLoad.calls++;
    place.lastChosenMs = Date.now();
    let hasAnswered = false;
    let isReleased = false;
    const endProbe = () => {
      if (place.probe === call) place.probe = null;
    };
    const call: AdmittedCall = {
      type: "admitted",
      candidate: endpoint === undefined ? candidate : atEndpoint(candidate, endpoint),
      answers: () => {
        if (hasAnswered || !isProbe) return;
        hasAnswered = true;
        endProbe();
        this.#health.recover({ provider, endpoint });
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        place.inFlight--;
        endProbe();
        this.#serveQueue(provider);
      },
    };
    if (isProbe) place.probe = call;
    return call;
  }

  /** Lets in those who wait, as many as can be called, and tells them when there is nothing to wait for any more. */
  #serveQueue(provider: string): void {
    const queue = this.#queues.get(provider);
    for (let next = queue?.peek(); queue && next; next = queue.peek()) {
      const decision = this.#decide(next.candidate);
      if (decision.type !== "call" && decision.type !== "refused") return;
      queue.take();
      next.answer(
        decision.type === "call" ? this.#enter(next.candidate, decision.endpoint) : decision,
      );
    }
  }
}

/** Waits for a place, for as long as the wait may last and the signal lets it. */
function wait(
  queue: FairQueue<Waiter>,
  { candidate, userKey, signal, ms, failure }: {
    candidate: Candidate;
    userKey: string;
    signal: AbortSignal;
    ms: number;
    /** What it means that the time is over. */
    failure: Failure;
  },
): Promise<Admission> {
  return new Promise((resolve) => {
    const waiter: Waiter = { candidate, answer };
    const giveUp = () => answer({ type: "aborted" });
    const timer = setTimeout(() => answer({ type: "refused", failure }), ms);
    signal.addEventListener("abort", giveUp, { once: true });
    queue.add(userKey, waiter);
    function answer(admission: Admission): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      queue.remove(userKey, waiter);
      resolve(admission);
    }
  });
}

function queuedTooLong(provider: string, ms: number): Failure {
  return {
    class: "overloaded",
    message: `${provider} had no place for a further call within ${ms / 1000} s`,
  };
}
