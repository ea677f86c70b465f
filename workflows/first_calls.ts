/**
 * First calls: the api process sends the provider request while Temporal records the turn, so that a durable turn begins
 * as soon as one that is not. The turn's workflow looks for the call in this process and adopts it there
 * (`adopt_first_call.ts`); where the process is gone by then, any worker goes on with what was published.
 */
import type { TurnState } from "../events/contract/conversation.ts";
import { type ConversationEvent, createEvent } from "../events/contract/event.ts";
import { turnWorkflowId } from "../events/contract/names.ts";
import type { Candidate, FirstCallPlace, TurnPlan } from "../events/contract/turn_plan.ts";
import type { FirstCall, FirstCaller } from "../events/first_call.ts";
import type { AdmittedCall } from "../events/provider_health/provider_admission.ts";
import { type AskedCall, targetOf } from "./attempt.ts";
import { callProvider, lacksKey, requestOf } from "./call_provider.ts";
import type { AttemptStream } from "./delta_publisher.ts";
import type { Dependencies } from "./dependencies.ts";
import { exposureEvents } from "./exposure_events.ts";
import { openStreams } from "./metrics.ts";
import { isLikelyAwake } from "./model_manager/sleep_watch.ts";
import { exposuresAt } from "./reached_exposures.ts";
import { emptyAnswer, type Outcome } from "./stream_answer.ts";
import { eventSource, firstCallStepId, subjectOf } from "./turn_events.ts";

/** How long a call that has ended is kept for its workflow, which no worker may be running just then. */
const keptMs = 60_000;
const attempt = 1;

export class FirstCalls implements FirstCaller {
  readonly #dependencies: Dependencies;
  readonly #place: FirstCallPlace;
  readonly #callsMax: number;
  readonly #calls = new Map<string, StartedCall>();
  #isClosed = false;

  /** @param callsMax Beyond so many calls under way, workers are to make them. */
  constructor(
    dependencies: Dependencies,
    { place, callsMax }: { place: FirstCallPlace; callsMax: number },
  ) {
    this.#dependencies = dependencies;
    this.#place = place;
    this.#callsMax = callsMax;
  }

  /** From now on workers make all calls. */
  close(): void {
    this.#isClosed = true;
  }

  begin(plan: TurnPlan, path: readonly TurnState[]): FirstCall | null {
    if (this.#isClosed) return null;
    if (this.#calls.size >= this.#callsMax || this.#calls.has(plan.turnId)) return null;
    // A worker may have the key that this process lacks.
    if (lacksKey(plan.candidates[0], this.#dependencies.resolveKey)) return null;
    // Where there is something to wait for, it is a worker that waits.
    const admitted = this.#dependencies.admission.admitNow(plan.candidates[0]);
    if (admitted === null) return null;
    // It would hang; a worker wakes the server first.
    if (!isLikelyAwake(admitted.candidate, this.#dependencies.resolveKey)) {
      admitted.release();
      return null;
    }
    const call: StartedCall = new StartedCall(plan, path, {
      admitted,
      dependencies: this.#dependencies,
      place: this.#place,
      // Another one of the same turn may have taken its place.
      forget: () => this.find(plan.turnId) === call && this.#calls.delete(plan.turnId),
    });
    this.#calls.set(plan.turnId, call);
    return call;
  }

  /** Breaks all calls off, so that workers go on with them. */
  interrupt(): void {
    this.#calls.values().forEach((call) => call.interrupt());
  }

  /** @returns The turn's call, if it was made here. */
  find(turnId: string): StartedCall | undefined {
    return this.#calls.get(turnId);
  }
}

export class StartedCall implements FirstCall {
  readonly place: FirstCallPlace;
  readonly answer = emptyAnswer();
  readonly outcome: Promise<Outcome>;
  readonly #plan: TurnPlan;
  readonly #admitted: AdmittedCall;
  readonly #dependencies: Dependencies;
  readonly #forget: () => void;
  readonly #abort = new AbortController();
  readonly #shown = Promise.withResolvers<AttemptStream | null>();
  readonly #stopRequest = new AbortController();
  #stream: AttemptStream | null = null;
  #isReleased = false;
  #keptTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    plan: TurnPlan,
    path: readonly TurnState[],
    { admitted, dependencies, place, forget }: {
      admitted: AdmittedCall;
      dependencies: Dependencies;
      place: FirstCallPlace;
      forget: () => void;
    },
  ) {
    this.#plan = plan;
    this.#admitted = admitted;
    this.#dependencies = dependencies;
    this.place = place;
    this.#forget = forget;
    this.outcome = this.#call(path);
    // Whoever adopts the call learns of it.
    this.outcome.catch(() => {});
  }

  /** The stream that shows the answer, once it does; null where the call was given up before. */
  get stream(): Promise<AttemptStream | null> {
    return this.#shown.promise;
  }

  get asked(): AskedCall {
    const { turnId, passedOver } = this.#plan;
    return { turnId, candidate: this.#candidate, isFallback: passedOver !== undefined };
  }

  /** Aborted as soon as the user stops the turn, by the quick way. */
  get stopRequest(): AbortSignal {
    return this.#stopRequest.signal;
  }

  events(runId: string): ConversationEvent[] {
    const { turnId, route, passedOver } = this.#plan;
    const id = (fact: string) => firstCallStepId(turnWorkflowId(turnId), runId, fact);
    return [
      createEvent({
        id: id("turn-started"),
        source: eventSource,
        type: "turn.started",
        subject: subjectOf(this.#plan),
        data: { route, candidates: this.#plan.candidates.map(({ model }) => model) },
      }),
      createEvent({
        id: id("attempt-started"),
        source: eventSource,
        type: "attempt.started",
        subject: subjectOf(this.#plan, attempt),
        data: {
          ...targetOf(this.asked),
          ...(passedOver && { reason: passedOver }),
          continues: 0,
        },
      }),
      ...exposureEvents(this.#plan, exposuresAt(this.#plan, 0), attempt),
    ];
  }

  show(): void {
    const { turnId, passedOver } = this.#plan;
    const { provider, model } = this.#candidate;
    const reason = passedOver && { reason: passedOver };
    const stream = this.#dependencies.publisher.openStream(turnId, attempt);
    stream.start({ type: "attempt-start", attempt, provider, model, ...reason });
    // What has come meanwhile.
    stream.add({ type: "reasoning-delta", text: this.answer.reasoning });
    stream.add({ type: "text-delta", text: this.answer.text });
    this.answer.toolCalls?.forEach((call, index) =>
      stream.add({ type: "tool-call-delta", index, ...call })
    );
    this.#stream = stream;
    this.#shown.resolve(stream);
  }

  abandon(): void {
    this.interrupt();
    this.#shown.resolve(null);
    this.release();
  }

  /** Ends the call to the provider. */
  interrupt(): void {
    this.#abort.abort();
  }

  /** To be called when the end of the call is stated, or someone else will state it. */
  release(): void {
    this.#isReleased = true;
    clearTimeout(this.#keptTimer);
    this.#stream?.abandon();
    this.#forget();
  }

  /** Whom it calls, with the endpoint. */
  get #candidate(): Candidate {
    return this.#admitted.candidate;
  }

  #releaseLater(): void {
    this.#keptTimer = setTimeout(() => this.release(), keptMs);
    // It holds nothing up: the process may end before.
    Deno.unrefTimer(this.#keptTimer);
  }

  async #call(path: readonly TurnState[]): Promise<Outcome> {
    const { turnId, timeouts, systemPrompt, parameters, message } = this.#plan;
    using stopRequest = this.#dependencies.stopRequests.signalOf(turnId);
    stopRequest.signal.addEventListener("abort", () => this.#stopRequest.abort());
    openStreams.inc();
    try {
      return await callProvider(this.#dependencies.resolveKey, {
        turnId,
        candidate: this.#candidate,
        attempt,
        timeouts,
        systemPrompt,
        parameters,
        ...requestOf(path, { message: message.data.text, request: message.data.request }),
        partialText: "",
      }, {
        answer: this.answer,
        signal: AbortSignal.any([this.#abort.signal, stopRequest.signal]),
        onDelta: (delta) => {
          this.#admitted.answers();
          this.#stream?.add(delta);
        },
      });
    } finally {
      openStreams.dec();
      this.#admitted.release();
      if (!this.#isReleased) this.#releaseLater();
    }
  }
}
