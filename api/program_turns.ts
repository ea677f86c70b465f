/**
 * Turns that a program asks for: each call is one, known by its id, which is what all surfaces for programs have in common.
 * A turn goes on when its caller goes away, and is read again by its id.
 */
import type { Context } from "hono";
import { v5 } from "uuid";
import type { GenerationParameters } from "../events/contract/call_settings.ts";
import { type ChatRequest, textOf } from "../events/contract/chat_request.ts";
import type { TurnState } from "../events/contract/conversation.ts";
import {
  comparePositions,
  parsePosition,
  type PlacedPart,
  type Position,
} from "../events/contract/stream_part.ts";
import { newEventId } from "../events/event_id.ts";
import { loggerOf } from "../events/logging.ts";
import { sleep } from "../events/sleep.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { findConversation, findTurn } from "./access.ts";
import type { LiveHub } from "./live_hub.ts";
import { ProblemError } from "./problem.ts";
import { TurnFailedError } from "./program_error.ts";
import type { ApiEnvironment } from "./router.ts";
import type { TurnRequests } from "./turn_requests.ts";
import { readTurnStream, type StreamedTurn } from "./turn_stream.ts";
import { tenant } from "./user.ts";

const log = loggerOf("api", "programs");

/** What a program asks, whatever surface it asked through. */
export interface ProgramCall {
  /** A route or a model. */
  model: string;
  request: ChatRequest;
  parameters: GenerationParameters;
}

/** A turn that is followed. */
export interface FollowedTurn extends StreamedTurn {
  route: string;
  sentAt: string;
  /** Where the reader is; null for the whole answer. */
  after: Position | null;
}

/** How much of the last user's text is kept as the message that people see, in UTF-16 code units. */
const messageLengthMax = 10_000;
const idempotencyKeyLengthMax = 255;
/** The namespace of ids that follow from a caller's key: the UUIDv5 of `turnlog/idempotency` in the URL namespace. */
const idempotencyNamespace = v5("turnlog/idempotency", v5.URL);
/** How long a turn that Temporal has may be missing in the store: until a worker has stored it. */
const storedMsMax = 10_000;
const storedPollMs = 50;

export class ProgramTurns {
  readonly #store: EventStore;
  readonly #hub: LiveHub;
  readonly #turns: TurnRequests;

  constructor({ store, hub, turns }: { store: EventStore; hub: LiveHub; turns: TurnRequests }) {
    this.#store = store;
    this.#hub = hub;
    this.#turns = turns;
  }

  /**
   * Starts the turn of a call, or finds the one that the same `Idempotency-Key` has started.
   *
   * @throws ProblemError where the key came with another body, or the conversation is not the caller's.
   */
  async start(
    { model, request, parameters }: ProgramCall,
    context: Context<ApiEnvironment>,
  ): Promise<FollowedTurn> {
    const userKey = context.get("userKey");
    const turnId = turnIdOf(context.req.header("idempotency-key"), userKey);
    const named = context.req.header("x-turnlog-conversation-id");
    // A conversation of a call's own begins with its message, under the id of its turn.
    const conversation = named === undefined
      ? { conversationId: turnId, tenant, userKey }
      : await findConversation(this.#store, named, userKey);
    const { conversationId } = conversation;
    await this.#turns.start({
      turnId,
      conversation,
      text: messageOf(request),
      request,
      asked: model,
      parentTurnId: named === undefined
        ? null
        : (await this.#store.latestTurn(conversationId))?.turnId ?? null,
      parameters,
      // Whoever calls waits at the other end and has tries of their own.
      onExhausted: "fail",
      original: context.get("body"),
    });
    if (context.req.header("x-turnlog-on-disconnect") === "stop") {
      this.#stopWithCaller(turnId, context.req.raw.signal);
    }
    const sentAt = new Date().toISOString();
    return { turnId, conversationId, route: model, attempts: [], sentAt, after: null };
  }

  /**
   * Finds a turn to be read again.
   *
   * @param after Where the reader is, as `attempt.sequence`.
   * @throws ProblemError where the caller has no such turn.
   */
  async resume(
    turnId: string,
    after: string | undefined,
    context: Context<ApiEnvironment>,
  ): Promise<FollowedTurn> {
    const turn = await findTurn(this.#store, turnId, context.get("userKey"));
    await this.#hub.whenCaughtUp(context.req.raw.signal);
    const position = parsePosition(after ?? "");
    const isWithin = position !== null && comparePositions(position, firstPosition) > 0;
    return { ...turn, after: isWithin ? position : null };
  }

  /** Yields the parts of the turn's stream as they come, and `null` as a sign of life. */
  follow(turn: FollowedTurn, signal: AbortSignal): AsyncGenerator<PlacedPart | null> {
    const { turnId, after } = turn;
    const live = this.#hub.turn(turnId);
    const loadTurn = () => this.#load(turnId, signal);
    return readTurnStream({ turn, after, live, loadTurn, signal });
  }

  /**
   * Waits for the end of the turn.
   *
   * @throws TurnFailedError where it failed.
   */
  async untilEnded(turn: FollowedTurn, signal: AbortSignal): Promise<TurnState> {
    for await (const placed of this.follow(turn, signal)) {
      if (placed?.part.type !== "end") continue;
      const ended = await this.#load(turn.turnId, signal);
      if (ended === null) break;
      if (ended.status === "failed") throw new TurnFailedError(ended.error!);
      return ended;
    }
    throw lostTurn(turn.turnId);
  }

  /** Reads a turn that Temporal has, although it may not be stored yet. */
  async #load(turnId: string, signal: AbortSignal): Promise<TurnState | null> {
    const untilMs = Date.now() + storedMsMax;
    while (true) {
      const turn = await this.#store.turn(turnId);
      if (turn !== null || signal.aborted || Date.now() > untilMs) return turn;
      await sleep(storedPollMs, signal);
    }
  }

  #stopWithCaller(turnId: string, signal: AbortSignal): void {
    const stop = () =>
      this.#turns.stop({ turnId }, undefined).catch((error) => {
        log.warn("Could not stop the turn of a caller that went away", { turnId, error });
      });
    signal.addEventListener("abort", stop, { once: true });
  }
}

/** The stream of a turn ended without its `end`, which only happens where the store cannot be used. */
export function lostTurn(turnId: string): ProblemError {
  return new ProblemError(
    "store-unavailable",
    `The turn ${turnId} goes on, but cannot be followed now; read it by its id in a moment`,
  );
}

const firstPosition: Position = { attempt: 1, sequence: 0 };

function turnIdOf(key: string | undefined, userKey: string): string {
  if (key === undefined) return newEventId();
  if (key === "" || key.length > idempotencyKeyLengthMax) {
    const message = `must have 1 to ${idempotencyKeyLengthMax} characters`;
    throw new ProblemError("invalid-request", `Idempotency-Key: ${message}`, {
      errors: [{ path: "Idempotency-Key", message }],
    });
  }
  return v5(`${userKey}\n${key}`, idempotencyNamespace);
}

function messageOf({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === "user") ?? messages.at(-1)!;
  return textOf(last.content).slice(0, messageLengthMax);
}
