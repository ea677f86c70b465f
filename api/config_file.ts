/** Reads `turnlog.yaml`, and says where it is wrong. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { configSchema, type TurnlogConfig } from "./config_schema.ts";
import { malformed } from "./malformed_config.ts";
import { referenceMistakes } from "./config_references.ts";

/** The file cannot be used; the message is for the person who wrote it and has a line for each mistake. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** The mistakes that are told of a file that is no YAML at all: what follows the first ones follows from them. */
const mistakesMax = 5;
const mistakeLengthMax = 200;

/** @throws ConfigError that names the file, the lines and what may stand there. */
export async function readConfigFile(path: string): Promise<TurnlogConfig> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof TypeError
      ? "it is no text in UTF-8"
      : `${error}`;
    throw new ConfigError(`Cannot read ${path}: ${reason}. TURNLOG_CONFIG names the file`);
  }
  return parseConfig(text, path);
}

/**
 * @param path Only for messages.
 * @throws ConfigError like {@linkcode readConfigFile}.
 */
export function parseConfig(text: string, path: string): TurnlogConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    const mistakes = document.errors.slice(0, mistakesMax)
      .map(({ message }) => printable(message.split("\n", 1)[0]));
    throw new ConfigError(`Cannot use ${path}: it is not YAML\n  ${mistakes.join("\n  ")}`);
  }
  const content = document.toJS() ?? {};
  const result = configSchema.safeParse(content);
  const mistakes = [...malformed(result.error), ...referenceMistakes(content)]
    .map(({ path, message }) => ({ line: lineOf(path), path, message }))
    .sort((one, other) => one.line - other.line);
  if (result.success && mistakes.length === 0) return result.data;
  const told = mistakes.map(({ line, path, message }) =>
    `line ${line}: ${path.join(".") || "the file"}: ${message}`
  );
  throw new ConfigError(`Cannot use ${path}:\n  ${told.join("\n  ")}`);

  /** The line of the path, or of what is nearest above it where it is missing. */
  function lineOf(path: PropertyKey[]): number {
    for (let length = path.length; length > 0; length--) {
      const start = startOf(path.slice(0, length));
      if (start !== undefined) return lines.linePos(start).line;
    }
    return 1;
  }

  /** Where the path's name stands: what it holds may begin on the next line. */
  function startOf(path: PropertyKey[]): number | undefined {
    const parent = document.getIn(path.slice(0, -1), true);
    const name = path.at(-1);
    if (isSeq(parent)) return rangeOf(parent.items[Number(name)]);
    if (!isMap(parent)) return undefined;
    return rangeOf(parent.items.find(({ key }) => isScalar(key) && `${key.value}` === name)?.key);
  }
}

function rangeOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** A file that is no text would write its bytes into the terminal. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what is to be left out
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\ufffd]+/g, "\u00b7").slice(0, mistakeLengthMax);
}
