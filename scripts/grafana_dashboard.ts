/**
 * `deno task grafana`: writes the Grafana dashboard `deploy/grafana/turnlog.json` from the views: a panel for each, with
 * the chart that the view's comment defines. Run it after a view has come or changed.
 */
import type { AnalyticsSection, Chart, ChartUnit } from "../events/contract/api.ts";
import { formatText } from "./format_text.ts";
import { parseFlags, runTask } from "./task.ts";

const viewsFolder = new URL("../analytics/views/", import.meta.url);
const dashboardFile = new URL("../deploy/grafana/turnlog.json", import.meta.url);

/** In the order of the dashboard's rows. */
const sections: Record<AnalyticsSection, string> = {
  overview: "Overview",
  models: "Models",
  reliability: "Reliability",
  cost: "Cost",
  people: "People",
  ingestion: "Ingestion",
};

const units: Record<ChartUnit, string> = {
  count: "short",
  ms: "ms",
  tokens: "short",
  "tokens/s": "short",
  usd: "currencyUSD",
  ratio: "percentunit",
  bytes: "bytes",
  points: "none",
};

const panelTypes: Record<Chart["type"], string> = {
  line: "timeseries",
  bars: "timeseries",
  "stacked-bars": "timeseries",
  table: "table",
  figures: "stat",
};

/** What the ClickHouse data source puts in for the range that is shown, and the dashboard's own variable. */
const values: Record<string, string> = {
  from: "$__fromTime",
  to: "$__toTime",
  bucket: "$__interval_s",
  model: "'${model}'",
};

interface View {
  name: string;
  title: string;
  section: AnalyticsSection;
  order: number;
  description: string;
  chart: Chart;
  parameters: { name: string; type: string }[];
}

async function readViews(): Promise<View[]> {
  const files = (await Array.fromAsync(Deno.readDir(viewsFolder)))
    .filter(({ name }) => name.endsWith(".sql"));
  const views = await Promise.all(files.map(async ({ name: file }): Promise<View> => {
    const text = await Deno.readTextFile(new URL(file, viewsFolder));
    const definition = /COMMENT \$json\$(.*)\$json\$/s.exec(text)?.[1];
    if (definition === undefined) throw new Error(`Cannot read ${file}: it has no COMMENT $json$`);
    const parameters = new Map(
      [...text.matchAll(/\{(\w+):([\w()]+)\}/g)].map(([, name, type]) => [name, { name, type }]),
    );
    return {
      ...JSON.parse(definition),
      name: file.replace(".sql", ""),
      parameters: [...parameters.values()],
    };
  }));
  return views.sort((a, b) => a.order - b.order || a.name.localeCompare(b.name));
}

/** @returns The dashboard as Grafana imports it. */
function dashboardOf(views: View[]) {
  const panels: unknown[] = [];
  let y = 0;
  for (const [section, title] of Object.entries(sections)) {
    const shown = views.filter((view) => view.section === section);
    if (shown.length === 0) continue;
    panels.push({ type: "row", title, collapsed: false, gridPos: { x: 0, y: y++, w: 24, h: 1 } });
    let x = 0;
    for (const view of shown) {
      const width = view.chart.type === "table" || view.chart.type === "figures" ? 24 : 12;
      if (x + width > 24) [x, y] = [0, y + 8];
      panels.push(panelOf(view, { x, y, w: width, h: 8 }));
      x += width;
    }
    y += 8;
  }
  return {
    title: "Turnlog",
    uid: "turnlog",
    tags: ["turnlog"],
    schemaVersion: 39,
    editable: true,
    time: { from: "now-24h", to: "now" },
    refresh: "1m",
    templating: {
      list: [
        {
          name: "datasource",
          label: "ClickHouse",
          type: "datasource",
          query: "grafana-clickhouse-datasource",
        },
        {
          name: "model",
          label: "Model (empty: all)",
          type: "textbox",
          query: "",
          current: { text: "", value: "" },
        },
      ],
    },
    panels: panels.map((panel, index) => ({ id: index + 1, ...panel as object })),
  };
}

function panelOf(view: View, gridPos: Record<string, number>) {
  const { chart } = view;
  const datasource = { type: "grafana-clickhouse-datasource", uid: "${datasource}" };
  const isTable = chart.type === "table" || chart.type === "figures";
  const isStacked = chart.type === "stacked-bars";
  return {
    type: panelTypes[chart.type],
    title: view.title,
    description: view.description,
    datasource,
    gridPos,
    // No shorter buckets than people can tell apart.
    interval: "1m",
    fieldConfig: {
      defaults: {
        unit: units[chart.unit],
        custom: isTable ? {} : {
          drawStyle: chart.type === "line" ? "line" : "bars",
          fillOpacity: chart.type === "line" ? 0 : 80,
          stacking: { mode: isStacked ? "normal" : "none" },
        },
      },
      overrides: chart.y.map(({ column, title, unit }) => ({
        matcher: { id: "byName", options: column },
        properties: [
          { id: "displayName", value: title },
          ...(unit === undefined ? [] : [{ id: "unit", value: units[unit] }]),
        ],
      })),
    },
    targets: [{
      refId: "A",
      datasource,
      editorType: "sql",
      queryType: isTable ? "table" : "timeseries",
      format: isTable ? 1 : 0,
      rawSql: queryOf(view),
    }],
  };
}

function queryOf({ name, chart, parameters }: View): string {
  const given = parameters.map((parameter) => `${parameter.name} = ${valueOf(parameter)}`);
  const columns = chart.type === "table" || chart.type === "figures"
    ? ["*"]
    : [chart.x, ...(chart.series ? [chart.series] : []), ...chart.y.map(({ column }) => column)];
  const order = columns[0] === "*" ? "" : ` ORDER BY ${chart.x}`;
  return `SELECT ${columns.join(", ")} FROM ${name}(${given.join(", ")})${order}`;
}

function valueOf({ name, type }: View["parameters"][number]): string {
  return values[name] ?? (type === "String" ? "''" : "0");
}

async function main(args: string[]): Promise<void> {
  parseFlags({ args });
  const text = JSON.stringify(dashboardOf(await readViews()), null, 2);
  await Deno.writeTextFile(dashboardFile, await formatText(text, "json"));
}

if (import.meta.main) await runTask({ usage: "usage: deno task grafana", run: main });
