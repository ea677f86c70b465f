/**
 * Turns a message of the topic of events into a row of the table `events`. The envelope is checked, and those parts of
 * the data that have columns; the data as a whole is kept as it is, and so are events of types that are not known here,
 * since a newer Turnlog may write them.
 */
import type { EventType, SystemEventType } from "../../events/contract/event.ts";

/** A row as it is inserted, by the names of the columns; absent ones take the table's defaults. */
export type EventRow = Record<string, unknown> & { event_id: string };

/** A message that is no event; `reasonClass` groups them for people. */
export class NotAnEventError extends Error {
  override name = "NotAnEventError";
  readonly reasonClass: "not-json" | "not-an-event";

  constructor(reasonClass: NotAnEventError["reasonClass"], message: string) {
    super(message);
    this.reasonClass = reasonClass;
  }
}

/** @throws NotAnEventError that says what is wrong with it. */
export function readEventRow(value: Uint8Array | null): EventRow {
  const event = new Fields(parseJson(value), "");
  if (event.text("specversion") !== "1.0") {
    throw notAnEvent(`specversion: found ${JSON.stringify(event.text("specversion"))}, not 1.0`);
  }
  const type = event.text("type");
  const data = event.object("data") ?? new Fields({}, "data.");
  return {
    event_id: uuid(event.text("id")),
    event_type: type,
    event_time: clickHouseTime(event.text("time")),
    source: event.text("source"),
    tenant: event.optionalText("tenant"),
    user_key: event.optionalText("userKey"),
    conversation_id: event.optionalText("conversationId"),
    turn_id: event.optionalText("turnId"),
    attempt: event.count("attempt") ?? 0,
    variants: event.texts("variants"),
    ...backtestMark(event.object("backtest")),
    ...columnsOfTypes[type as keyof typeof columnsOfTypes]?.(data),
    data: keptData(data.fields),
  };
}

function backtestMark(mark: Fields | undefined): Record<string, unknown> {
  return mark ? { backtest_id: mark.text("id"), backtest_turn_id: mark.text("turnId") } : {};
}

/** These have keys of people's own making, which ClickHouse could not always take as paths: each is kept as a text. */
const keptAsText = ["request", "definition"];

function keptData(fields: Record<string, unknown>): Record<string, unknown> {
  const texts = keptAsText.filter((name) => fields[name] !== undefined)
    .map((name) => [name, JSON.stringify(fields[name])]);
  return texts.length === 0 ? fields : { ...fields, ...Object.fromEntries(texts) };
}

/** Which of an event's data have columns of their own. A type that is missing here has none. */
const columnsOfTypes: {
  [Type in EventType | SystemEventType]?: (data: Fields) => Record<string, unknown>;
} = {
  "message.sent": (data) => ({ route: data.text("route") }),
  "turn.started": (data) => ({ route: data.text("route") }),
  "turn.waiting": (data) => ({ error_class: errorClass(data, "reason") }),
  "turn.completed": (data) => ({
    outcome: "completed",
    finish_reason: finishReason(data),
    duration_ms: data.number("durationMs"),
  }),
  "turn.failed": (data) => ({
    outcome: "failed",
    error_class: errorClass(data, "error"),
    duration_ms: data.number("durationMs"),
  }),
  "turn.stopped": (data) => ({ outcome: "stopped", duration_ms: data.number("durationMs") }),
  "attempt.started": attemptTarget,
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
  "provider.cooled_down": (data) => ({
    provider: data.text("provider"),
    error_class: errorClass(data, "reason"),
  }),
  "provider.recovered": (data) => ({ provider: data.text("provider") }),
  "model.state_changed": (data) => ({
    provider: data.text("provider"),
    request_model: data.text("requestModel"),
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
};

function experimentPhase(data: Fields): Record<string, unknown> {
  return { experiment: data.text("experiment"), phase: data.count("phase") };
}

function attemptTarget(data: Fields): Record<string, unknown> {
  return {
    provider: data.text("provider"),
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
    cost_usd: data.number("costUsd"),
    price_version: data.optionalText("priceVersion"),
    is_continuation: data.flag("isContinuation"),
  };
}

function errorClass(data: Fields, name: "error" | "reason"): string {
  return data.object(name)?.text("class") ?? "";
}

function finishReason(data: Fields): string {
  return data.object("finishReason")?.text("unified") ?? "";
}

/** What a column of 32 bits holds. */
const countMax = 2 ** 32 - 1;

/** Reads the fields of an object of unknown form, by name and type. */
class Fields {
  readonly fields: Record<string, unknown>;
  /** Where the object stands in the event, for error messages. */
  readonly #path: string;

  constructor(fields: Record<string, unknown>, path: string) {
    this.fields = fields;
    this.#path = path;
  }

  text(name: string): string {
    const value = this.fields[name];
    if (typeof value !== "string" || value === "") throw this.#wrong(name, "a text");
    return value;
  }

  /** @returns The empty text where it is absent. */
  optionalText(name: string): string {
    const value = this.fields[name] ?? "";
    if (typeof value !== "string") throw this.#wrong(name, "a text");
    return value;
  }

  /** @returns Null where it is absent. */
  number(name: string): number | null {
    const value = this.fields[name] ?? null;
    if (value !== null && typeof value !== "number") throw this.#wrong(name, "a number");
    return value;
  }

  /** @returns Null where it is absent. ClickHouse would wrap what its column cannot hold, so that is looked at here. */
  count(name: string): number | null {
    const value = this.fields[name] ?? null;
    if (value === null) return null;
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > countMax) {
      throw this.#wrong(name, `a whole number from 0 to ${countMax}`);
    }
    return value as number;
  }

  /** @returns False where it is absent. */
  flag(name: string): boolean {
    const value = this.fields[name] ?? false;
    if (typeof value !== "boolean") throw this.#wrong(name, "true or false");
    return value;
  }

  /** @returns Undefined where it is absent. */
  object(name: string): Fields | undefined {
    const value = this.fields[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!isObject(value)) throw this.#wrong(name, "an object");
    return new Fields(value, `${this.#path}${name}.`);
  }

  texts(name: string): Record<string, string> {
    const value = this.object(name)?.fields ?? {};
    if (!Object.values(value).every((each) => typeof each === "string")) {
      throw this.#wrong(name, "an object of texts");
    }
    return value as Record<string, string>;
  }

  #wrong(name: string, expected: string): NotAnEventError {
    const found = JSON.stringify(this.fields[name])?.slice(0, 100) ?? "nothing";
    return notAnEvent(`${this.#path}${name}: found ${found}, not ${expected}`);
  }
}

function parseJson(value: Uint8Array | null): Record<string, unknown> {
  if (value === null) throw new NotAnEventError("not-json", "The message is empty");
  let parsed: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(value);
    parsed = JSON.parse(text, surrogateEscape.test(text) ? wellFormed : undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new NotAnEventError("not-json", `The message is not JSON: ${reason}`);
  }
  if (!isObject(parsed)) throw notAnEvent("The message is JSON, but no object");
  return parsed;
}

/**
 * Half of a UTF-16 pair, as where a text was cut in an emoji. JavaScript and JSON know such strings, ClickHouse does not:
 * the half becomes the replacement character, and the event is kept.
 */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function uuid(text: string): string {
  if (!/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) {
    throw notAnEvent(`id: found ${JSON.stringify(text.slice(0, 100))}, not a UUID`);
  }
  return text;
}

/** @returns The time as ClickHouse reads it into a column in UTC. */
function clickHouseTime(text: string): string {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  // Beyond these years the column's type would bend the time to its own ends.
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || !(year >= 1970 && year < 2200)) {
    throw notAnEvent(`time: found ${JSON.stringify(text.slice(0, 100))}, not an ISO 8601 time`);
  }
  return time.toISOString().replace("T", " ").slice(0, -1);
}

function notAnEvent(message: string): NotAnEventError {
  return new NotAnEventError("not-an-event", message);
}
