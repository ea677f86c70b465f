import assert from "node:assert/strict";
import type { Chart } from "../../events/contract/api.ts";
import { chartData, timeOf } from "./chart_data.js";

const period = {
  fromMs: Date.UTC(2026, 10, 23, 12, 0, 30),
  toMs: Date.UTC(2026, 10, 23, 12, 3, 30),
  bucketSeconds: 60,
};
const bucketed = [{ name: "from", type: "" }, { name: "to", type: "" }, {
  name: "bucket",
  type: "",
}];
const minute = (minute: number) => Date.UTC(2026, 10, 23, 12, minute) / 1000;
const latency: Chart = {
  type: "line",
  x: "time",
  y: [{ column: "p50", title: "p50" }, { column: "p95", title: "p95" }],
  series: "model",
  unit: "ms",
};
const outcomes: Chart = {
  type: "stacked-bars",
  x: "time",
  y: [{ column: "completed", title: "Completed" }, { column: "failed", title: "Failed" }],
  unit: "count",
};

Deno.test("a series column splits every measure, and a time without a row is a gap", () => {
  const data = chartData({ chart: latency, parameters: bucketed }, [
    { time: "2026-11-23 12:01:00", model: "llama", p50: 100, p95: 200 },
    { time: "2026-11-23 12:03:00", model: "llama", p50: null, p95: "300" },
  ], period);
  assert.deepEqual(data.times, [minute(0), minute(1), minute(2), minute(3)]);
  assert.deepEqual(
    data.series.map(({ title, name, measure, values }) => ({
      title,
      name,
      measure,
      values,
    })),
    [
      { title: "llama · p50", name: "llama", measure: 0, values: [null, 100, null, null] },
      { title: "llama · p95", name: "llama", measure: 1, values: [null, 200, null, 300] },
    ],
  );
  assert.equal(data.stepSeconds, 60);
});

Deno.test("bars without a row are nothing, and a view without series has one for each measure", () => {
  const data = chartData({ chart: outcomes, parameters: bucketed }, [
    { time: "2026-11-23T12:02:00.000Z", completed: "7", failed: 0 },
  ], period);
  assert.deepEqual(data.series.map(({ title, values }) => [title, values]), [
    ["Completed", [0, 0, 7, 0]],
    ["Failed", [0, 0, 0, 0]],
  ]);
  assert.equal(data.isEmpty, false);
});

Deno.test("a view without buckets keeps its own times", () => {
  const data = chartData({ chart: outcomes, parameters: [] }, [
    { time: "2026-11-22", completed: 1, failed: 0 },
    { time: "2026-11-20", completed: 2, failed: 0 },
    { time: "2026-11-21", completed: 3, failed: 0 },
  ], period);
  assert.deepEqual(data.series[0].values, [2, 3, 1]);
  assert.equal(data.stepSeconds, 86_400);
  assert.ok(data.isDaily);
});

Deno.test("zeros are nothing for bars but a value for a line", () => {
  const zero = [{ time: "2026-11-23 12:01:00", completed: 0, failed: 0 }];
  const parts = { parameters: bucketed };
  assert.ok(chartData({ chart: outcomes, ...parts }, zero, period).isEmpty);
  assert.ok(!chartData({ chart: { ...outcomes, type: "line" }, ...parts }, zero, period).isEmpty);
  assert.ok(chartData({ chart: outcomes, ...parts }, [], period).isEmpty);
});

Deno.test("a model without numbers is left out, a measure without them is not", () => {
  const rows = [
    { time: "2026-11-23 12:01:00", model: "llama", completed: 1, failed: 0 },
    { time: "2026-11-23 12:01:00", model: "idle", completed: 0, failed: 0 },
  ];
  const titles = (chart: Chart) =>
    chartData({ chart, parameters: bucketed }, rows, period).series.map(({ title }) => title);
  assert.deepEqual(titles({ ...outcomes, series: "model" }), ["llama · Completed"]);
  assert.deepEqual(titles(outcomes), ["Completed", "Failed"]);
});

Deno.test("of many series the largest are drawn, in the order of their names", () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({
    time: "2026-11-23 12:01:00",
    model: `model ${index}`,
    completed: index,
  }));
  const chart = { ...outcomes, y: [outcomes.y[0]], series: "model" };
  const data = chartData({ chart, parameters: bucketed }, rows, period);
  assert.equal(data.series.length, 12);
  assert.equal(data.series[0].title, "model 8");
  assert.equal(data.leftOut, 7);
});

Deno.test("what is drawn of many models has all of its percentiles", () => {
  const rows = Array.from({ length: 9 }, (_, index) => ({
    time: "2026-11-23 12:01:00",
    model: `model ${index}`,
    p50: index,
    p95: 100,
  }));
  const data = chartData({ chart: latency, parameters: bucketed }, rows, period);
  assert.deepEqual(data.series.map(({ title }) => title).slice(0, 3), [
    "model 3 · p50",
    "model 3 · p95",
    "model 4 · p50",
  ]);
  assert.equal(data.series.length, 12);
  assert.equal(data.leftOut, 3);
});

Deno.test("times are read as UTC unless they name a zone", () => {
  assert.equal(timeOf("2026-11-23 12:01:00"), minute(1));
  assert.equal(timeOf("2026-11-23T13:01:00+01:00"), minute(1));
  assert.equal(timeOf("2026-11-23"), Date.UTC(2026, 10, 23) / 1000);
  assert.ok(Number.isNaN(timeOf("soon")));
});
