/** What operators see and ask for, and how a turn becomes something that they look after. */
import type { AttemptView } from "./api.ts";
import type { TurnState, TurnStatus } from "./conversation.ts";
import type { OperatorKind } from "./event.ts";
import type { Failure, FailureClass } from "./failure.ts";

/** `live`: work goes on. `waiting`: for a provider. `failed`: nobody answered. */
export const operationStatuses = ["live", "waiting", "failed"] as const;
export type OperationStatus = typeof operationStatuses[number];

/**
 * @returns Null for a turn that has ended as it should, which nobody needs to look after, and for a turn of a backtest,
 * which its backtest looks after.
 */
export function operationStatusOf(
  { status, backtest }: Pick<TurnState, "status" | "backtest">,
): OperationStatus | null {
  if (backtest !== undefined) return null;
  switch (status) {
    case "accepted":
    case "running":
      return "live";
    case "waiting":
      return "waiting";
    case "failed":
      return "failed";
    case "completed":
    case "stopped":
      return null;
  }
}

/** What turns that an operator looks for have in common; what is absent may be anything. */
export interface OperationFilter {
  errorClass?: FailureClass;
  /** Of the last attempt, by its name in `turnlog.yaml`. */
  model?: string;
  provider?: string;
}

/** A turn as operators see it: without what was written, since it is not theirs to read. */
export interface OperationTurn {
  id: string;
  conversationId: string;
  /** An HMAC of the user's id, never the id. */
  userKey: string;
  status: TurnStatus;
  route: string;
  /** Of the last attempt; null where there was none. */
  model: string | null;
  provider: string | null;
  attempts: number;
  /** Why it failed or waits. */
  error: Failure | null;
  sentAt: string;
  /** Since when it is as it is. */
  since: string;
  /** When a waiting turn tries again. */
  nextTryAt: string | null;
  workflowId: string;
  /** Its run in the Temporal UI; null where the api does not know the UI's address. */
  temporalUrl: string | null;
}

/** A turn with what was tried, and with its run as Temporal has it. */
export interface OperationTurnDetail extends OperationTurn {
  tries: OperationAttempt[];
  /** Null where Temporal keeps no run of it any more. */
  run: { runId: string; status: string } | null;
}

export type OperationAttempt = Pick<
  AttemptView,
  | "attempt"
  | "provider"
  | "model"
  | "requestModel"
  | "status"
  | "startedAt"
  | "endedAt"
  | "durationMs"
  | "error"
>;

/** How many turns of one status have the same reason, model and provider. */
export interface OperationCount {
  status: OperationStatus;
  /** Empty where there is none. */
  errorClass: string;
  model: string;
  provider: string;
  turns: number;
}

/** Whether the one who asks may operate: `open` to everyone on this machine, and `closed` to everyone. */
export interface OperatorSession {
  access: "open" | "signed-in" | "signed-out" | "closed";
}

/** The most turns that one request may retry. */
export const retriedTurnsMax = 1000;
/** How many of them go back to their providers in a second, so that those which have just recovered are not overrun. */
export const retriedTurnsPerSecond = 5;

/** Retries all failed turns that have something in common. */
export interface RetryRequest extends OperationFilter {
  /** When they failed, ISO 8601: from, and before. */
  from?: string;
  to?: string;
  /** At most so many, those that were sent first. */
  limit: number;
}

/** The input of the workflow `retryTurns`. */
export interface RetryPlan {
  id: string;
  request: RetryRequest;
  /** Who asked for it, for the events of the turns that it retries. */
  operator: { by: OperatorKind; session?: string };
}

/** How far a retry of many turns is. */
export interface RetryProgress {
  /** How many failed turns were found; null until they are. */
  found: number | null;
  /** Those that are being answered once more, or have been. */
  retried: number;
  /** Those whose runs Temporal does not keep any more, or cannot reset. */
  skipped: number;
}

export interface RetryView {
  id: string;
  workflowId: string;
  status: "running" | "completed" | "failed";
  /** Null where no worker is there to tell. */
  progress: RetryProgress | null;
  temporalUrl: string | null;
}
