import assert from "node:assert/strict";
import { chartData } from "./chart_data.js";
import { isSwitchedOn, legendItems } from "./legend_items.js";

const period = { fromMs: 0, toMs: 60_000, bucketSeconds: 60 };
const seriesOf = (models: string[], columns: string[]) => {
  const chart = {
    type: "line" as const,
    x: "time",
    y: columns.map((column) => ({ column, title: column })),
    series: "model",
    unit: "ms" as const,
  };
  const rows = models.map((model) => ({ time: "1970-01-01 00:00:00", model, p50: 1, p95: 2 }));
  return chartData({ chart, parameters: [] }, rows, period).series;
};
const titles = (models: string[], columns: string[]) =>
  legendItems(seriesOf(models, columns)).map(({ title }) => title);

Deno.test("models and percentiles that cross are listed once each", () => {
  assert.deepEqual(titles(["llama", "mistral"], ["p50", "p95"]), [
    "llama",
    "mistral",
    "p50",
    "p95",
  ]);
  assert.deepEqual(titles(["llama"], ["p50", "p95"]), ["llama · p50", "llama · p95"]);
  assert.deepEqual(titles(["llama", "mistral"], ["p50"]), ["llama", "mistral"]);
});

Deno.test("what is switched off takes all of its series along", () => {
  const series = seriesOf(["llama", "mistral"], ["p50", "p95"]);
  const [llama, , , p95] = legendItems(series);
  const shown = series.filter((one) => isSwitchedOn(one, new Set([llama.key, p95.key])));
  assert.deepEqual(shown.map(({ title }) => title), ["mistral · p50"]);
});
