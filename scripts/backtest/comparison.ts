/** The comparison of a backtest with the turns as their users had them, as a table for people. */

/** A row of the view `backtest_comparison`, as JSON has it. */
export type ComparisonRow = Record<string, unknown> & {
  backtest_id: string;
  side: "original" | "rerun";
  turns: number | string;
};

const lines: { column: string; title: string; format: (value: number) => string }[] = [
  { column: "turns", title: "turns", format: String },
  { column: "completed", title: "completed", format: String },
  { column: "stopped", title: "stopped", format: String },
  { column: "failed", title: "failed", format: String },
  { column: "failure_rate", title: "share of failures", format: (value) => percent(value) },
  { column: "time_to_first_token_ms_p50", title: "first token, p50", format: milliseconds },
  { column: "time_to_first_token_ms_p95", title: "first token, p95", format: milliseconds },
  { column: "duration_ms_p50", title: "whole turn, p50", format: milliseconds },
  { column: "duration_ms_p95", title: "whole turn, p95", format: milliseconds },
  { column: "input_tokens", title: "input tokens", format: String },
  { column: "output_tokens", title: "output tokens", format: String },
  { column: "cost_usd", title: "cost", format: (value) => `$${value.toFixed(6)}` },
  {
    column: "answer_length_avg",
    title: "characters of an answer",
    format: (value) => value.toFixed(0),
  },
];

/** @returns Lines of text; null where the view has nothing of the backtest. */
export function comparisonTable(rows: readonly ComparisonRow[]): string | null {
  const original = rows.find(({ side }) => side === "original");
  const rerun = rows.find(({ side }) => side === "rerun");
  if (original === undefined || rerun === undefined) return null;
  const cells = [
    ["", "original", "rerun"],
    ...lines.map(({ column, title, format }) => [
      title,
      ...[original, rerun].map((row) => row[column] === null ? "–" : format(Number(row[column]))),
    ]),
    ["models", String(original.models), String(rerun.models)],
  ];
  const [titleWidth, ...widths] = [0, 1, 2].map((index) =>
    Math.max(...cells.map((line) => line[index].length))
  );
  return cells.map(([title, ...values]) =>
    title.padEnd(titleWidth) +
    values.map((value, index) => `  ${value.padStart(widths[index])}`).join("")
  ).join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}
