import assert from "node:assert/strict";
import { type ComparisonRow, comparisonTable } from "./comparison.ts";

function row(side: ComparisonRow["side"], other: Record<string, unknown> = {}): ComparisonRow {
  return {
    backtest_id: "b",
    side,
    // ClickHouse gives 64-bit numbers as texts.
    turns: "30",
    completed: "29",
    stopped: "0",
    failed: "1",
    failure_rate: 1 / 30,
    time_to_first_token_ms_p50: 151.5,
    time_to_first_token_ms_p95: 160,
    duration_ms_p50: null,
    duration_ms_p95: null,
    input_tokens: "360",
    output_tokens: "900",
    cost_usd: "0.0021",
    answer_length_avg: 411.4,
    models: "demo",
    ...other,
  };
}

Deno.test("both sides stand beside each other, with nothing where there is no number", () => {
  const table = comparisonTable([row("original"), row("rerun", { models: "gpt-luna, gpt-sol" })])!;
  const line = (title: string) => table.split("\n").find((line) => line.startsWith(title))!;
  assert.match(table.split("\n")[0], /^ +original +rerun$/);
  assert.match(line("turns"), /^turns +30 +30$/);
  assert.match(line("share of failures"), / 3\.3 % +3\.3 %$/);
  assert.match(line("first token, p50"), / 152 ms +152 ms$/);
  assert.match(line("whole turn, p95"), / – +–$/);
  assert.match(line("cost"), / \$0\.002100 +\$0\.002100$/);
  assert.match(line("models"), / demo +gpt-luna, gpt-sol$/);
  assert.equal(new Set(table.split("\n").map((line) => line.length)).size, 1);
});

Deno.test("without both sides there is nothing to compare", () => {
  assert.equal(comparisonTable([]), null);
  assert.equal(comparisonTable([row("rerun")]), null);
});
