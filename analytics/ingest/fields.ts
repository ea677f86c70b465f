/** Reads a message of the topic of events: JSON of unknown form, field by field, saying of what does not fit where it stands. */

/** A message that is no event; `reasonClass` groups them for people. */
export class NotAnEventError extends Error {
  override name = "NotAnEventError";
  readonly reasonClass: "not-json" | "not-an-event";

  constructor(reasonClass: NotAnEventError["reasonClass"], message: string) {
    super(message);
    this.reasonClass = reasonClass;
  }
}

/** What a column of 32 bits holds. */
const countMax = 2 ** 32 - 1;

/** Reads the fields of an object of unknown form, by name and type. */
export class Fields {
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

  /** @returns Empty where it is absent. */
  list(name: string): unknown[] {
    const value = this.fields[name] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, "a list");
    return value;
  }

  pair(name: string): [string, string] {
    const [first, second, ...more] = this.list(name);
    if (typeof first !== "string" || typeof second !== "string" || more.length > 0) {
      throw this.#wrong(name, "two texts");
    }
    return [first, second];
  }

  time(name: string): Date {
    const text = this.text(name);
    const time = new Date(text);
    const year = time.getUTCFullYear();
    // Beyond these years the column's type would bend the time to its own ends.
    if (!/^\d{4}-\d\d-\d\dT/.test(text) || !(year >= 1970 && year < 2200)) {
      throw this.#wrong(name, "an ISO 8601 time");
    }
    return time;
  }

  /** @returns Whether it is there, and not null. */
  has(name: string): boolean {
    return (this.fields[name] ?? null) !== null;
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

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws NotAnEventError where it is no JSON object. */
export function parseObject(value: Uint8Array | null): Record<string, unknown> {
  if (value === null) throw new NotAnEventError("not-json", "The message is empty");
  let parsed: unknown;
  try {
    const text = decoder.decode(value);
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

export function notAnEvent(message: string): NotAnEventError {
  return new NotAnEventError("not-an-event", message);
}
