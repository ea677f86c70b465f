/**
 * Turns a message of the topic of events into a row of the table `events`, and what people and models wrote into a row of
 * `event_texts`. The envelope is checked, and those parts of the data that have columns; the data is kept as it is but for
 * the texts, and so are events of types that are not known here, since a newer Turnlog may write them.
 */
import type { EventType, SystemEventType } from "../../events/contract/event.ts";
import { clickHouseTime } from "../clickhouse_time.ts";
import { Fields, notAnEvent, parseObject } from "./fields.ts";
import type { Row } from "./insert_rows.ts";

export interface EventRows {
  /** Of the table `events`. */
  event: Row & { event_id: string };
  /** Of the table `event_texts`; null where nobody wrote anything. */
  texts: Row | null;
}

/** @throws NotAnEventError that says what is wrong with it. */
export function readEventRows(value: Uint8Array | null): EventRows {
  const event = new Fields(parseObject(value), "");
  if (event.text("specversion") !== "1.0") {
    throw notAnEvent(`specversion: found ${JSON.stringify(event.text("specversion"))}, not 1.0`);
  }
  const type = event.text("type");
  const data = event.object("data") ?? new Fields({}, "data.");
  const time = event.time("time");
  /** What both tables have. */
  const place = {
    event_id: uuid(event.text("id")),
    event_type: type,
    event_time: clickHouseTime(time),
    tenant: event.optionalText("tenant"),
    user_key: event.optionalText("userKey"),
    conversation_id: event.optionalText("conversationId"),
    turn_id: event.optionalText("turnId"),
    attempt: event.count("attempt") ?? 0,
  };
  const { texts, metrics } = partTexts(data.fields);
  return {
    event: {
      ...place,
      source: event.text("source"),
      subject: event.optionalText("subject"),
      variants: event.texts("variants"),
      ...backtestMark(event.object("backtest")),
      ...columnsOf(type)?.(data, time),
      data: metrics,
    },
    texts: texts && { ...place, ...texts },
  };
}

/** Which fields of an event's data are texts, and their columns in `event_texts`; the column `data` of `events` skips them. */
const columnsOfTexts: Record<string, string> = {
  text: "text",
  reasoning: "reasoning",
  title: "title",
  comment: "comment",
  request: "request",
  toolCalls: "tool_calls",
};

/** These have keys of people's own making, which ClickHouse could not always take as paths: each is kept as its JSON. */
const keptAsJson = new Set(["definition"]);

/** Parts what was written from what can be counted. A text that is more than a string is kept as its JSON. */
function partTexts(
  data: Record<string, unknown>,
): { texts: Record<string, string> | null; metrics: Record<string, unknown> } {
  const texts: Record<string, string> = {};
  const metrics: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (!Object.hasOwn(columnsOfTexts, name)) {
      metrics[name] = keptAsJson.has(name) ? JSON.stringify(value) : value;
    } else if (value !== null && value !== "") {
      texts[columnsOfTexts[name]] = typeof value === "string" ? value : JSON.stringify(value);
    }
  }
  return { texts: Object.keys(texts).length > 0 ? texts : null, metrics };
}

function backtestMark(mark: Fields | undefined): Record<string, unknown> {
  return mark ? { backtest_id: mark.text("id"), backtest_turn_id: mark.text("turnId") } : {};
}

/** Which of an event's data have columns of their own. A type that is missing here has none. */
const columnsOfTypes: {
  [Type in EventType | SystemEventType]?: (data: Fields, time: Date) => Record<string, unknown>;
} = {
  "message.sent": (data) => ({
    route: data.text("route"),
    text_length: data.optionalText("text").length,
    parent_turn_id: data.optionalText("parentTurnId"),
    regenerated_from_turn_id: data.optionalText("regeneratedFrom"),
    is_from_program: data.has("request"),
  }),
  "turn.started": (data) => ({ route: data.text("route") }),
  "turn.rerouted": (data) => ({ route: data.text("route") }),
  "turn.waiting": (data, time) => ({
    error_class: errorClass(data, "reason"),
    wait_ms: waitMs(data, time),
  }),
  "turn.completed": (data) => ({
    ...turnEnd(data),
    outcome: "completed",
    finish_reason: finishReason(data),
  }),
  "turn.failed": (data) => ({
    ...turnEnd(data),
    outcome: "failed",
    error_class: errorClass(data, "error"),
  }),
  "turn.stopped": (data) => ({
    ...turnEnd(data),
    outcome: "stopped",
    text_length: data.count("textLength"),
  }),
  "attempt.started": (data) => ({
    ...attemptTarget(data),
    continued_length: data.count("continues"),
  }),
  "attempt.completed": (data) => ({
    ...attemptTarget(data),
    ...attemptEnd(data),
    outcome: finishReason(data) === "stopped" ? "stopped" : "completed",
    finish_reason: finishReason(data),
  }),
  "attempt.failed": (data) => ({
    ...attemptTarget(data),
    ...attemptEnd(data),
    outcome: "failed",
    error_class: errorClass(data, "error"),
  }),
  "feedback.given": (data) => ({ rating: data.optionalText("rating") }),
  "comparison.voted": (data) => ({
    compared_turn_ids: data.pair("turnIds"),
    compared_models: data.pair("models"),
    winner: data.text("winner"),
  }),
  "provider.cooled_down": (data, time) => ({
    ...endpoint(data),
    error_class: errorClass(data, "reason"),
    wait_ms: waitMs(data, time),
  }),
  "provider.recovered": (data) => ({ ...endpoint(data), wait_ms: data.number("cooledDownMs") }),
  "model.state_changed": (data) => ({
    ...endpoint(data),
    request_model: data.text("requestModel"),
    model_state: data.text("to"),
    duration_ms: data.number("durationMs"),
  }),
  "operation.requested": (data) => ({ turn_id: data.optionalText("turnId") }),
  "variant.exposed": (data) => ({ ...experimentPhase(data), variant: data.text("variant") }),
  "experiment.started": experimentPhase,
  "experiment.changed": experimentPhase,
  "experiment.stopped": experimentPhase,
  "experiment.ended": (data) => ({
    ...experimentPhase(data),
    variant: data.optionalText("winner"),
  }),
  "system.sampled": (data) => ({
    component: data.text("component"),
    instance: data.text("instance"),
    cpu_share: data.number("cpuShare"),
    memory_bytes: data.number("memoryBytes"),
    event_loop_lag_ms: data.number("eventLoopLagMs"),
    calls_under_way: data.count("callsUnderWay"),
    calls_waiting: data.count("callsWaiting"),
    events_unpublished: data.count("eventsUnpublished"),
    events_not_ingested: data.count("eventsNotIngested"),
    requests_running: data.count("requestsRunning"),
    requests_waiting: data.count("requestsWaiting"),
    kv_cache_share: data.number("kvCacheShare"),
    tokens_per_second: data.number("tokensPerSecond"),
  }),
};

function columnsOf(type: string): (typeof columnsOfTypes)[EventType] {
  // A message may name its type after what every object has.
  return Object.hasOwn(columnsOfTypes, type) ? columnsOfTypes[type as EventType] : undefined;
}

function experimentPhase(data: Fields): Record<string, unknown> {
  return { experiment: data.text("experiment"), phase: data.count("phase") };
}

function turnEnd(data: Fields): Record<string, unknown> {
  return { duration_ms: data.number("durationMs"), attempt_count: data.count("attempts") };
}

function endpoint(data: Fields): Record<string, unknown> {
  return {
    provider: data.text("provider"),
    endpoint: data.has("endpoint") ? data.optionalText("endpoint") : null,
  };
}

function attemptTarget(data: Fields): Record<string, unknown> {
  return {
    ...endpoint(data),
    model: data.text("model"),
    request_model: data.text("requestModel"),
    is_fallback: data.flag("isFallback"),
  };
}

function attemptEnd(data: Fields): Record<string, unknown> {
  const usage = data.object("usage");
  return {
    response_model: data.optionalText("responseModel"),
    time_to_first_token_ms: data.number("timeToFirstTokenMs"),
    duration_ms: data.number("durationMs"),
    input_tokens: usage?.count("inputTokens"),
    output_tokens: usage?.count("outputTokens"),
    cached_tokens: usage?.count("cachedTokens"),
    reasoning_tokens: usage?.count("reasoningTokens"),
    is_usage_estimated: data.flag("isUsageEstimated"),
    cost_usd: knownCost(data, usage),
    price_version: data.optionalText("priceVersion"),
    is_continuation: data.flag("isContinuation"),
    text_length: data.optionalText("text").length,
    tool_call_count: data.list("toolCalls").length,
  };
}

/** @returns Null where tokens were used at no price: what they cost is not known, though it is stated as 0. */
function knownCost(data: Fields, usage: Fields | undefined): number | null {
  const cost = data.number("costUsd");
  const tokens = (usage?.count("inputTokens") ?? 0) + (usage?.count("outputTokens") ?? 0);
  return cost === 0 && tokens > 0 && data.optionalText("priceVersion") === "" ? null : cost;
}

function errorClass(data: Fields, name: "error" | "reason"): string {
  return data.object(name)?.text("class") ?? "";
}

function finishReason(data: Fields): string {
  return data.object("finishReason")?.text("unified") ?? "";
}

/** How long it is from an event to the time `until` which its data names. */
function waitMs(data: Fields, from: Date): number | null {
  return data.has("until") ? Math.max(0, data.time("until").getTime() - from.getTime()) : null;
}

function uuid(text: string): string {
  if (!/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) {
    throw notAnEvent(`id: found ${JSON.stringify(text.slice(0, 100))}, not a UUID`);
  }
  return text;
}
