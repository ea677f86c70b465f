/**
 * `deno task schemas`: writes what others may hold Turnlog's messages to, made of the types in `events/`: the JSON Schema
 * of every event, and the AsyncAPI document of the topics. At a release it also keeps that version's events, to which the
 * next ones are compared.
 */
import { fileURLToPath } from "node:url";
import { version } from "../events/contract/version.ts";
import { asyncApiOf } from "./schemas/asyncapi.ts";
import { eventSchemaOf } from "./schemas/event_schema.ts";
import { parseFlags, runTask } from "./task.ts";

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

const usage = `usage: deno task schemas [--release]

  --release  also keeps this version's events, to which the next ones are compared`;

async function main(args: string[]): Promise<void> {
  const { values: { release } } = parseFlags({
    args,
    options: { release: { type: "boolean", default: false } },
  });
  Deno.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const files = schemaFiles();
  if (release) {
    files[`events/schema/released/${version}.json`] = files["events/schema/events.json"];
  }
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(path, text);
    console.log(`Wrote ${path}`);
  }
}

if (import.meta.main) await runTask({ usage, run: main });
