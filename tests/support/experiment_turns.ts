/** Turns of users in an experiment, as the rows of ClickHouse that their events become. */
import {
  createEvent,
  type EventData,
  type EventSubject,
  type EventType,
} from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import { readEventRows } from "../../analytics/ingest/event_row.ts";
import type { Row } from "../../analytics/ingest/insert_rows.ts";

export interface ExperimentTurn {
  user: string;
  turnId: string;
  atMs: number;
  /** The conversation, where it is not one of the user's own. */
  conversation?: string;
  /** Where the turn took part, in phase 1 if nothing else is said. */
  exposure?: { experiment: string; variant: string; phase?: number };
  /** Completed if nothing is said. */
  end?: "completed" | "failed" | "stopped";
  rating?: "up" | "down" | null;
  costUsd?: number;
  /** Null where the model has no price; that of a day if nothing is said. */
  priceVersion?: string | null;
  outputTokens?: number;
  firstTokenMs?: number;
  durationMs?: number;
  /** What was asked for. */
  route?: string;
  regenerates?: string;
  isFallback?: boolean;
  backtest?: string;
}

/** The message is sent at `atMs`; the exposure is 5 ms later, the end as late as it took. */
export function rowsOfTurn(turn: ExperimentTurn): Row[] {
  const {
    user,
    turnId,
    atMs,
    conversation = `conversation of ${user}`,
    exposure,
    end = "completed",
    costUsd = 0,
    priceVersion = "2026-11-01",
    outputTokens = 0,
    firstTokenMs = 100,
    durationMs = 1000,
    route = "default",
  } = turn;
  const subject: EventSubject = {
    tenant: "default",
    userKey: user,
    conversationId: conversation,
    turnId,
    ...(exposure && { variants: { [exposure.experiment]: exposure.variant } }),
    ...(turn.backtest && { backtest: { id: turn.backtest, turnId: "of a user" } }),
  };
  const row = <Type extends EventType>(type: Type, afterMs: number, data: EventData[Type]) => {
    const event = createEvent({
      id: newEventId(),
      source: "turnlog/workflows",
      type,
      subject: type.startsWith("attempt.") ? { ...subject, attempt: 1 } : subject,
      data,
      time: new Date(atMs + afterMs),
    });
    return readEventRows(new TextEncoder().encode(JSON.stringify(event))).event;
  };
  const usage = { inputTokens: 1, outputTokens, cachedTokens: 0, reasoningTokens: 0 };
  const error = { class: "overloaded" as const, message: "busy" };
  const finishReason = { unified: "stop" as const, raw: null };
  const attempt = {
    provider: "p",
    model: "m",
    requestModel: "m",
    isFallback: turn.isFallback ?? false,
    responseModel: null,
    timeToFirstTokenMs: firstTokenMs,
    durationMs,
    usage,
    costUsd,
    priceVersion,
    text: "",
    reasoning: "",
    isContinuation: false,
    lastSequence: 1,
  };
  const totals = { attempts: 1, durationMs, usage, costUsd };
  return [
    row("message.sent", 0, {
      text: "hello",
      parentTurnId: null,
      route,
      requestHash: "",
      ...(turn.regenerates && { regeneratedFrom: turn.regenerates }),
    }),
    ...(exposure ? [row("variant.exposed", 5, { phase: 1, unit: "user", ...exposure })] : []),
    end === "failed"
      ? row("attempt.failed", durationMs, { ...attempt, error })
      : row("attempt.completed", durationMs, { ...attempt, finishReason }),
    end === "completed"
      ? row("turn.completed", durationMs, { ...totals, finishReason })
      : end === "failed"
      ? row("turn.failed", durationMs, { ...totals, error })
      : row("turn.stopped", durationMs, { ...totals, textLength: 1 }),
    ...(turn.rating === undefined
      ? []
      : [row("feedback.given", durationMs + 10, { rating: turn.rating, comment: null })]),
  ];
}
