/**
 * ClickHouse's format Native as newer clients read it. Over HTTP a client says with `client_protocol_version` which version
 * it speaks; the engine as a library does not take that, and writes what the oldest one reads. The newer ones want a head
 * before each block and a mark in each column, so the columns' ends must be found, by their types. Clients of versions in
 * between (clickhouse-connect) look whether there is a head, and read what they get.
 */
import { ClickHouseException } from "./clickhouse_exception.ts";
import { concatenate } from "./concatenate.ts";
import type { EngineSettings } from "./engine.ts";

/** From this version on each column says whether it is written in a way of its own (`sparse`); here none is. */
const columnMarkVersion = 54454;
/** What can be read here, and by those clients: JSON as text. */
const settings: EngineSettings = { output_format_native_write_json_as_string: 1 };
/** Field 1: no overflow. Field 2: bucket -1. End. */
const blockHead = new Uint8Array([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);

/** @returns The settings of a session whose answer goes through {@linkcode nativeFor}. */
export function nativeSettingsFor(version: number): EngineSettings {
  return version < columnMarkVersion ? {} : settings;
}

/**
 * @param version The client's; 0 for the oldest.
 * @param blocks Whole blocks, as the engine writes them.
 * @throws ClickHouseException with code 48 for a column of a type that is not known here.
 */
export function nativeFor(
  version: number,
  blocks: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (version < columnMarkVersion) return blocks;
  const parts: Uint8Array[] = [];
  const reader = new BlockReader(blocks);
  while (!reader.isAtEnd) {
    parts.push(blockHead);
    let from = reader.offset;
    const columns = reader.number();
    const rows = reader.number();
    for (let column = 0; column < columns; column++) {
      const name = reader.text();
      const type = reader.text();
      parts.push(blocks.subarray(from, reader.offset), new Uint8Array(1));
      from = reader.offset;
      if (rows > 0) skipColumn(reader, name, type, rows);
    }
    parts.push(blocks.subarray(from, reader.offset));
  }
  return concatenate(parts);
}

function skipColumn(reader: BlockReader, name: string, type: string, rows: number): void {
  try {
    const layout = layoutOf(type);
    layout.skipHead?.(reader);
    layout.skip(reader, rows);
  } catch (error) {
    if (!(error instanceof UnknownTypeError)) throw error;
    throw ClickHouseException.of(
      "NOT_IMPLEMENTED",
      `The embedded ClickHouse cannot write the column ${name} of type ${type} for this client. ` +
        `Convert it, as with toString(${name})`,
    );
  }
}

class UnknownTypeError extends Error {
  override name = "UnknownTypeError";
}

/** How the values of a type lie in a column. */
interface Layout {
  /** What stands once before all values, of nested types first. */
  skipHead?(reader: BlockReader): void;
  skip(reader: BlockReader, rows: number): void;
}

/** Bytes of each value, for types that have a fixed size. */
const sizes: Record<string, number> = {
  ...{ Bool: 1, Int8: 1, UInt8: 1, Enum8: 1, Nothing: 1, Int16: 2, UInt16: 2, Enum16: 2, Date: 2 },
  ...{ BFloat16: 2, Int32: 4, UInt32: 4, Float32: 4, Date32: 4, DateTime: 4, Time: 4, IPv4: 4 },
  ...{ Int64: 8, UInt64: 8, Float64: 8, DateTime64: 8, Time64: 8, Int128: 16, UInt128: 16 },
  ...{ UUID: 16, IPv6: 16, Point: 16, Int256: 32, UInt256: 32 },
};

const points = "Array(Point)";
/** Types that are another one under a name of their own. */
const aliases: Record<string, string> = {
  ...{ Ring: points, LineString: points, Polygon: `Array(${points})` },
  ...{ MultiLineString: `Array(${points})`, MultiPolygon: `Array(Array(${points}))` },
};

function layoutOf(type: string): Layout {
  const { name, parameters } = parseType(type);
  const [first] = parameters;
  switch (name) {
    case "String":
      return { skip: skipTexts };
    case "JSON":
    case "Object":
      // Written as text, as the session's settings say; the version of that comes before.
      return { skipHead: (reader) => reader.skip(8), skip: skipTexts };
    case "FixedString":
      return fixed(Number(first));
    case "Decimal":
      return fixed(decimalSize(Number(first)));
    case "Nullable":
      return inSequence([fixed(1), layoutOf(first)]);
    case "Tuple":
      return parameters.length === 0 ? fixed(1) : elements(parameters);
    case "Nested":
      return arrayOf(elements(parameters));
    case "Array":
      return arrayOf(layoutOf(first));
    case "Map":
      return arrayOf(inSequence(parameters.map(layoutOf)));
    case "LowCardinality":
      return lowCardinality(first);
    case "SimpleAggregateFunction":
      return layoutOf(parameters[1]);
  }
  if (Object.hasOwn(aliases, name)) return layoutOf(aliases[name]);
  if (Object.hasOwn(sizes, name)) return fixed(sizes[name]);
  if (name.startsWith("Interval")) return fixed(8);
  throw new UnknownTypeError(type);
}

function fixed(bytes: number): Layout {
  return { skip: (reader, rows) => reader.skip(bytes * rows) };
}

function skipTexts(reader: BlockReader, rows: number): void {
  for (let row = 0; row < rows; row++) reader.skip(reader.number());
}

function inSequence(layouts: Layout[]): Layout {
  return {
    skipHead: (reader) => layouts.forEach((layout) => layout.skipHead?.(reader)),
    skip: (reader, rows) => layouts.forEach((layout) => layout.skip(reader, rows)),
  };
}

/** Each may have a name before its type. */
function elements(parameters: string[]): Layout {
  return inSequence(
    parameters.map((each) => layoutOf(/^(?:`(?:[^`\\]|\\.)*`|\w+) (.+)$/s.exec(each)?.[1] ?? each)),
  );
}

/** Where each array ends among all values, then all values. */
function arrayOf(element: Layout): Layout {
  return {
    skipHead: (reader) => element.skipHead?.(reader),
    skip(reader, rows) {
      if (rows === 0) return;
      reader.skip(8 * (rows - 1));
      element.skip(reader, reader.int64());
    },
  };
}

/** A version; then the different values, and for each row which of them it has. */
function lowCardinality(type: string): Layout {
  const { name, parameters } = parseType(type);
  const values = layoutOf(name === "Nullable" ? parameters[0] : type);
  const hasOwnValues = 0x200;
  return {
    skipHead: (reader) => reader.skip(8),
    skip(reader, rows) {
      if (rows === 0) return;
      const flags = reader.int64();
      if (flags & hasOwnValues) values.skip(reader, reader.int64());
      reader.skip(reader.int64() * 2 ** (flags & 0xff));
    },
  };
}

function decimalSize(precision: number): number {
  if (precision <= 9) return 4;
  if (precision <= 18) return 8;
  return precision <= 38 ? 16 : 32;
}

/** `Map(String, Array(UInt8))` → `Map`, with `String` and `Array(UInt8)`. */
function parseType(type: string): { name: string; parameters: string[] } {
  const [, name, inner] = /^(\w+)(?:\((.*)\))?$/s.exec(type) ?? [];
  if (name === undefined) throw new UnknownTypeError(type);
  const parameters: string[] = [];
  let depth = 0;
  let current = "";
  for (const [token] of (inner ?? "").matchAll(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|./gs)) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (token === "," && depth === 0) {
      parameters.push(current.trim());
      current = "";
    } else {
      current += token;
    }
  }
  if (current.trim() !== "") parameters.push(current.trim());
  return { name, parameters };
}

class BlockReader {
  offset = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  skip(bytes: number): void {
    this.offset += bytes;
    if (this.offset > this.#bytes.length) throw new RangeError("A Native block ends too soon");
  }

  /** Of variable length, as LEB128. */
  number(): number {
    let result = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.#view.getUint8(this.offset++);
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
    }
  }

  int64(): number {
    const value = Number(this.#view.getBigUint64(this.offset, true));
    this.skip(8);
    return value;
  }

  text(): string {
    const length = this.number();
    const from = this.offset;
    this.skip(length);
    return new TextDecoder().decode(this.#bytes.subarray(from, this.offset));
  }
}
