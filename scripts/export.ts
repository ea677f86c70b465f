/**
 * `deno task export`: writes the conversations of those who allow it to files, shows how far that is, and brings the files.
 * The work is a workflow's: whoever leaves, leaves it running.
 */
import type { ExportView } from "../events/contract/export.ts";
import { readClientSettings, readEnvironment } from "./config.ts";
import { ExportClient } from "./export/client.ts";
import { readFlags, usage } from "./export/flags.ts";
import { followRun } from "./follow_run.ts";
import { OperatorClientError } from "./operator_client.ts";
import { standardOutput } from "./output.ts";
import { runTask } from "./task.ts";

async function main(args: string[]): Promise<number> {
  const flags = readFlags(args);
  const client = new ExportClient(readClientSettings(readEnvironment()));
  if (flags.type === "stop") {
    await client.stop(flags.id);
    console.log(`Export ${flags.id} stops, and its files are removed`);
    return 0;
  }
  const left = new AbortController();
  Deno.addSignalListener("SIGINT", () => left.abort());
  const { id } = await client.start(flags.request);
  const output = standardOutput();
  try {
    const ended = await followRun(() => client.read(id), {
      output,
      name: "export",
      doing: "reading",
      tell,
      left: left.signal,
    });
    if (ended === null) {
      output.line(`\nIt goes on without you: the same command with --id ${id} follows it again`);
      return 0;
    }
    if (ended.status !== "ready") return 1;
    for (const file of ended.progress.files) {
      const path = await client.download(id, file, flags.folder);
      output.line(`${path}  ${file.bytes} bytes`);
    }
    return 0;
  } finally {
    output.close();
  }
}

function tell({ progress }: ExportView): string {
  const { read, toRead, conversations, turns, withoutConsent } = progress;
  return `${read} of ${
    toRead ?? "?"
  } conversations read, ${conversations} with ${turns} turns taken, ` +
    `${withoutConsent.conversations} left out without consent`;
}

if (import.meta.main) await runTask({ usage, run: main, expected: [OperatorClientError] });
