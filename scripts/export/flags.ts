/** What `deno task export` is asked for: its flags, checked as the api checks the request that they become. */
import { exportId, newExport } from "../../api/export_schemas.ts";
import { FlagsError, parseFlags } from "../task.ts";

export const usage = `usage: deno task export --from TIME [--to TIME] [--format NAME] …
       deno task export --stop ID

  --from TIME        turns that were sent from then on: 2026-11-23, 2026-11-23T08:00:00Z, or 7d (ago)
  --to TIME          turns that were sent before then (now)
  --format NAME      jsonl, parquet or fine-tuning; may be given several times (jsonl)
  --model NAME       only turns that this model answered
  --rating up|down   only turns that were rated so
  --user KEY         only turns of this user, by the key that events have
  --tenant NAME      only turns of this tenant
  --all              also turns that were stopped and that failed
  --keep-days N      how long Turnlog keeps the files (7)
  --to-folder PATH   where the files are brought (.)
  --id ID            the export's name; the same command with the same name is the same export
  --stop ID          stops an export and removes its files

  Only the conversations of users who allow it are exported; the others are counted.
  It talks to the api at TURNLOG_URL, or at TURNLOG_HOST and TURNLOG_PORT, with TURNLOG_OPERATOR_TOKEN where that is set.`;

export type ExportFlags =
  | { type: "stop"; id: string }
  | { type: "start"; request: Record<string, unknown>; folder: string };

const text = { type: "string" } as const;

/** The fields of a request by the flags that give them. */
const fieldOfFlag = {
  "id": "id",
  "from": "from",
  "to": "to",
  "format": "formats",
  "model": "model",
  "rating": "rating",
  "user": "userKey",
  "tenant": "tenant",
  "keep-days": "keepDays",
} as const;

/** @throws FlagsError */
export function readFlags(args: string[]): ExportFlags {
  const { stop, all, "to-folder": folder = ".", "keep-days": keepDays, ...given } = parse(args);
  if (stop !== undefined) {
    if (!exportId.safeParse(stop).success) throw new FlagsError(`--stop: ${stop} names no export`);
    return { type: "stop", id: stop };
  }
  if (given.from === undefined) throw new FlagsError("Name the turns: --from 30d takes a month's");
  const request: Record<string, unknown> = Object.fromEntries(
    Object.entries(given).map(([flag, value]) => [
      fieldOfFlag[flag as keyof typeof fieldOfFlag],
      value,
    ]),
  );
  if (keepDays !== undefined) request.keepDays = Number(keepDays);
  if (all) request.completedOnly = false;
  checkRequest(request);
  return { type: "start", request, folder };
}

function parse(args: string[]) {
  return parseFlags({
    args,
    options: {
      "id": text,
      "from": text,
      "to": text,
      "format": { type: "string", multiple: true },
      "model": text,
      "rating": text,
      "user": text,
      "tenant": text,
      "keep-days": text,
      "to-folder": text,
      "stop": text,
      "all": { type: "boolean" },
    },
  }).values;
}

function checkRequest(request: Record<string, unknown>): void {
  const { error } = newExport.safeParse(request);
  if (error === undefined) return;
  const lines = error.issues.map(({ path: [field], message }) => {
    const flag = Object.entries(fieldOfFlag).find(([, name]) => name === field)?.[0] ?? field;
    return `--${String(flag)}: ${message} (found ${request[String(field)]})`;
  });
  throw new FlagsError(lines.join("\n"));
}
