/** What `deno task backtest` is asked for: its flags, checked as the api checks the request that they become. */
import { backtestId, newBacktest } from "../../api/backtest_schemas.ts";
import { FlagsError, parseFlags } from "../task.ts";

export const usage = `usage: deno task backtest --from TIME [--to TIME] [--model NAME] …
       deno task backtest --stop ID

  --from TIME                 turns that were sent from then on: 2026-11-23, 2026-11-23T08:00:00Z, or 7d (ago)
  --to TIME                   turns that were sent before then (now)
  --model NAME                the route or model that answers them again (default)
  --system-prompt-file FILE   the system prompt under which it answers (the route's own)
  --only-route NAME           only turns for which this route or model was asked
  --only-model NAME           only turns that this model answered
  --only-conversation ID      only turns of this conversation
  --share NUMBER              the share of the turns that is taken, 0 to 1, the same ones each time (1)
  --limit N                   the most turns that are taken, the oldest first (1000)
  --per-minute N              how many turns are started in a minute (60)
  --concurrency N             how many turns are being answered at once (4)
  --id ID                     the backtest's name; the same command with the same name is the same backtest
  --stop ID                   stops a backtest; what it has answered stays

  It talks to the api at TURNLOG_URL, or at TURNLOG_HOST and TURNLOG_PORT, with TURNLOG_OPERATOR_TOKEN where that is set.`;

export type BacktestFlags =
  | { type: "stop"; id: string }
  | { type: "start"; request: Record<string, unknown> };

const text = { type: "string" } as const;

/** The fields of a request by the flags that give them. */
const fieldOfFlag = {
  "id": "id",
  "from": "from",
  "to": "to",
  "model": "model",
  "only-route": "onlyRoute",
  "only-model": "onlyModel",
  "only-conversation": "onlyConversation",
  "share": "share",
  "limit": "limit",
  "per-minute": "turnsPerMinute",
  "concurrency": "concurrency",
  "system-prompt-file": "systemPrompt",
} as const;

const numbers = ["share", "limit", "per-minute", "concurrency"];

/**
 * @param readFile Reads the file of the system prompt.
 * @throws FlagsError
 */
export function readFlags(
  args: string[],
  readFile: (path: string) => string = Deno.readTextFileSync,
): BacktestFlags {
  const { stop, ...given } = parse(args);
  if (stop !== undefined) return { type: "stop", id: checkId(stop, given) };
  if (given.from === undefined) throw new FlagsError("Name the turns: --from 7d takes a week's");
  const request = Object.fromEntries(
    Object.entries(given).map(([flag, value]) => [
      fieldOfFlag[flag as keyof typeof fieldOfFlag],
      valueOf(flag, value as string, readFile),
    ]),
  );
  checkRequest(request);
  return { type: "start", request };
}

function parse(args: string[]) {
  const flags = [...Object.keys(fieldOfFlag), "stop"];
  const options = Object.fromEntries(flags.map((flag) => [flag, text]));
  return parseFlags({ args, options }).values as Record<string, string | undefined>;
}

function checkId(id: string, others: Record<string, unknown>): string {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new FlagsError(`--stop stands alone: leave out --${other}`);
  const { error } = backtestId.safeParse(id);
  if (error) throw new FlagsError(`--stop: ${error.issues[0].message} (found ${id})`);
  return id;
}

function valueOf(flag: string, value: string, readFile: (path: string) => string): unknown {
  if (numbers.includes(flag)) {
    const number = Number(value);
    if (value.trim() === "" || Number.isNaN(number)) {
      throw new FlagsError(`--${flag}: must be a number (found ${value})`);
    }
    return number;
  }
  if (flag !== "system-prompt-file") return value;
  try {
    return readFile(value).trim();
  } catch (error) {
    throw new FlagsError(`--${flag}: ${value} cannot be read: ${(error as Error).message}`);
  }
}

function checkRequest(request: Record<string, unknown>): void {
  const { error } = newBacktest.safeParse(request);
  if (error === undefined) return;
  const lines = error.issues.map(({ path: [field], message }) => {
    const flag = Object.entries(fieldOfFlag).find(([, name]) => name === field)?.[0] ?? field;
    const found = field === "systemPrompt" ? "" : ` (found ${request[String(field)]})`;
    return `--${String(flag)}: ${message}${found}`;
  });
  throw new FlagsError(lines.join("\n"));
}
