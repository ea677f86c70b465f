/**
 * `deno task backtest`: has past turns answered again by another model or under another system prompt, shows how far
 * that is, and compares. The work is a workflow's: whoever leaves, leaves it running.
 */
import type { BacktestView } from "../events/contract/backtest.ts";
import { sleep } from "../events/sleep.ts";
import { BacktestClient } from "./backtest/client.ts";
import { comparisonTable } from "./backtest/comparison.ts";
import { readFlags, usage } from "./backtest/flags.ts";
import { readClientSettings, readEnvironment } from "./config.ts";
import { followRun } from "./follow_run.ts";
import { OperatorClientError } from "./operator_client.ts";
import { standardOutput } from "./output.ts";
import { runTask } from "./task.ts";

const pollMs = 1000;
/** How long the last events may take to ClickHouse. */
const ingestionMsMax = 15_000;

async function main(args: string[]): Promise<number> {
  const flags = readFlags(args);
  const client = new BacktestClient(readClientSettings(readEnvironment()));
  if (flags.type === "stop") {
    await client.stop(flags.id);
    console.log(`Backtest ${flags.id} stops; what it has answered stays`);
    return 0;
  }
  // From here on: a start that is under way may have been accepted already.
  const left = new AbortController();
  Deno.addSignalListener("SIGINT", () => left.abort());
  const started = await client.start(flags.request);
  const output = standardOutput();
  try {
    output.line(describe(started));
    const ended = await followRun(() => client.read(started.id), {
      output,
      name: "backtest",
      doing: "answering",
      tell,
      left: left.signal,
    });
    if (ended === null) {
      output.line(`\nIt goes on without you: deno task backtest --stop ${started.id} ends it`);
      return 0;
    }
    output.line(`\n${await compare(client, ended, left.signal)}`);
    return ended.status === "failed" ? 1 : 0;
  } finally {
    output.close();
  }
}

function describe(
  { id, model, hasSystemPrompt, selection, rate, workflowId }: BacktestView,
): string {
  const prompt = hasSystemPrompt ? " under a system prompt of its own" : "";
  return `Backtest ${id}: ${model} answers turns from ${selection.from} to ${selection.to} again${prompt},\n` +
    `${rate.turnsPerMinute} a minute and ${rate.concurrency} at once; in Temporal it is ${workflowId}\n`;
}

function tell({ progress }: BacktestView): string {
  const { selected, started, completed, stopped, failed, skipped } = progress;
  const counts = { completed, stopped, failed, skipped };
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  return `${started} of ${selected ?? "?"} turns started${parts.length > 0 ? ", " : ""}` +
    parts.join(", ");
}

/** Waits until what the backtest has answered is in ClickHouse, as far as it comes there. */
async function compare(
  client: BacktestClient,
  view: BacktestView,
  left: AbortSignal,
): Promise<string> {
  const { completed, stopped, failed } = view.progress;
  const answered = completed + stopped + failed;
  if (answered === 0) return "Nothing was answered, so there is nothing to compare";
  const deadlineMs = Date.now() + ingestionMsMax;
  while (true) {
    const rows = await client.comparison(view);
    const compared = Number(rows[0]?.turns ?? 0);
    if (compared >= answered || left.aborted || Date.now() >= deadlineMs) {
      const note = compared < answered
        ? `\n\n${
          answered - compared
        } turns are not compared: they are not in ClickHouse, or what they answer again is not`
        : "";
      return (comparisonTable(rows) ?? "ClickHouse has nothing to compare yet") + note;
    }
    await sleep(pollMs, left);
  }
}

if (import.meta.main) await runTask({ usage, run: main, expected: [OperatorClientError] });
