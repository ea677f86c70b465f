/**
 * A backtest: past turns are answered again, by another model or under another system prompt, to be compared with what
 * their users had. It is the workflow `backtest`, and each of its turns a workflow `answerTurn` of its own.
 *
 * A turn of a backtest belongs to no user and to no user's conversation. It holds no text of the user's either: its
 * message and its history are those of the turn that it names ({@linkcode BacktestMark}), read when the model is called.
 */
import type { TurnPlan } from "./turn_plan.ts";

/** Whose the turns of backtests are. A user's key is an HMAC, so nobody's. */
export const backtestUserKey = "backtest";

/** The input of the workflow `backtest`: all that decides which turns are answered again, and how. */
export interface BacktestPlan {
  id: string;
  selection: BacktestSelection;
  /** The plan that every turn gets; the ids and the message are the turn's own. */
  turn: BacktestTurnPlan;
  rate: BacktestRate;
}

export type BacktestTurnPlan = Omit<
  TurnPlan,
  "turnId" | "conversationId" | "tenant" | "userKey" | "message" | "firstCall"
>;

/** Which past turns: users' turns that have ended, the oldest first, without those of deleted conversations. */
export interface BacktestSelection {
  /** When they were sent, ISO 8601 in UTC with milliseconds: from the one time on, before the other. */
  from: string;
  to: string;
  /** The route or model that was asked for. */
  route?: string;
  /** The model of the last attempt. */
  lastModel?: string;
  conversationId?: string;
  /** The share of them that is taken, above 0 to 1; by their ids, so that it is the same turns each time. */
  share: number;
  /** The most turns that are taken. */
  limit: number;
}

/** How fast: both hold at any time, so that users' turns keep their place. */
export interface BacktestRate {
  /** How many turns are started in a minute, evenly. */
  turnsPerMinute: number;
  /** How many turns are being answered at once. */
  concurrency: number;
}

/** How far a backtest is, in turns. */
export interface BacktestProgress {
  /** Those that the selection takes; null until they are counted. */
  selected: number | null;
  /** Those that were started; what is neither completed, stopped nor failed is under way. */
  started: number;
  completed: number;
  stopped: number;
  failed: number;
  /** Those that are not answered again: their conversation was deleted meanwhile, or an earlier run of the backtest has them. */
  skipped: number;
}

/** How the turn of a backtest ended. */
export type BacktestOutcome = "completed" | "stopped" | "failed" | "skipped";

/** @returns The id of the turn that answers a user's turn again; no client can make one, since theirs have no slash. */
export function backtestTurnId(backtestId: string, turnId: string): string {
  return `backtest/${backtestId}/${turnId}`;
}

/** A backtest as the API tells of it. */
export interface BacktestView {
  id: string;
  /** `stopped`: by an operator. `failed`: it could not go on; its run in Temporal tells why. */
  status: "running" | "completed" | "stopped" | "failed";
  workflowId: string;
  startedAt: string;
  endedAt: string | null;
  /** The route or model that answers. */
  model: string;
  /** Whether it has a system prompt of its own. */
  hasSystemPrompt: boolean;
  selection: BacktestSelection;
  rate: BacktestRate;
  progress: BacktestProgress;
}
