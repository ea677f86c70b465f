/** Reads `turnlog.yaml`, and says where it is wrong. */
import { isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { configSchema, type TurnlogConfig } from "./config_schema.ts";

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
  const result = configSchema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;

  const mistakes = result.error.issues.map((issue) => {
    const line = lineOf(issue.path);
    const message = messageOf(issue);
    return `line ${line}: ${issue.path.join(".") || "the file"}: ${message}`;
  });
  throw new ConfigError(`Cannot use ${path}:\n  ${mistakes.join("\n  ")}`);

  /** The line of the path, or of what is nearest above it where it is missing. */
  function lineOf(path: PropertyKey[]): number {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0].message;
  return issue.message.endsWith("received undefined") ? "is missing" : issue.message;
}

/** A file that is no text would write its bytes into the terminal. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what is to be left out
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\ufffd]+/g, "\u00b7").slice(0, mistakeLengthMax);
}
