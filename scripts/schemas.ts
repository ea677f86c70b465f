/**
 * `deno task schemas`: writes what others may hold Turnlog's messages to, made of the types in `events/`: the JSON Schema
 * of every event, and the AsyncAPI document of the topics. At a release it also keeps that version's events, to which the
 * next ones are compared.
 *
 * usage: deno task schemas [--release]
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { version } from "../events/contract/version.ts";
import { asyncApiOf } from "./schemas/asyncapi.ts";
import { eventSchemaOf } from "./schemas/event_schema.ts";

/** @returns The files with what stands in them now that the types are as they are. */
export function schemaFiles(): Record<string, string> {
  const events = eventSchemaOf("events/contract/event.ts");
  return {
    "events/schema/events.json": asJson(events),
    "events/schema/asyncapi.json": asJson(asyncApiOf(events)),
  };
}

function asJson(document: unknown): string {
  return JSON.stringify(document, null, 2) + "\n";
}

if (import.meta.main) {
  Deno.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const { values: { release } } = parseArgs({
    args: Deno.args,
    options: { release: { type: "boolean", default: false } },
  });
  const files = schemaFiles();
  if (release) {
    files[`events/schema/released/${version}.json`] = files["events/schema/events.json"];
  }
  for (const [path, text] of Object.entries(files)) {
    Deno.writeTextFileSync(path, text);
    console.log(`Wrote ${path}`);
  }
}
