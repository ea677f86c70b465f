/**
 * What the api and the one who calls models agree upon, where one process is both: a call that leaves while Temporal still
 * records the turn.
 */
import type { TurnState } from "./contract/conversation.ts";
import type { ConversationEvent } from "./contract/event.ts";
import type { FirstCallPlace, TurnPlan } from "./contract/turn_plan.ts";

export interface FirstCaller {
  /**
   * Calls the plan's first candidate at once. Nothing of the answer is shown before {@linkcode FirstCall.show}.
   *
   * @param path The turns from the root of the conversation to the one before this.
   * @returns Null where the call is better left to a worker.
   */
  begin(plan: TurnPlan, path: readonly TurnState[]): FirstCall | null;
}

/** A call under way, whose turn may still be refused. */
export interface FirstCall {
  /** Where the turn's workflow finds it. */
  readonly place: FirstCallPlace;
  /** How the turn and its first attempt begin, to be stored with the message. */
  events(runId: string): ConversationEvent[];
  /** To be called once Temporal has acknowledged the turn's start and the events are stored. */
  show(): void;
  /** Gives the call up. */
  abandon(): void;
}
