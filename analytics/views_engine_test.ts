/** What every view tells of itself, by which the dashboard draws and explains it; its numbers are held to by other tests. */
import assert from "node:assert/strict";
import type { AnalyticsView } from "../events/contract/api.ts";
import { migrate } from "./migrate.ts";
import { createTemporaryDatabase } from "./testing/temporary_database.ts";

const sections = ["overview", "models", "reliability", "cost", "people", "ingestion"];
const chartTypes = ["line", "bars", "stacked-bars", "table", "figures"];
const units = ["count", "ms", "tokens", "tokens/s", "usd", "ratio", "bytes", "points"];
/** What a view may ask for: the API fills in no other parameters. */
const parameterTypes: Record<string, string> = {
  from: "DateTime64(3)",
  to: "DateTime64(3)",
  bucket: "UInt32",
  model: "String",
  experiment: "String",
  variant: "String",
  error_class: "String",
};
/** Columns by which somebody is known, or that show what was sent. */
const privateColumns = ["user_key", "conversation_id", "turn_id", "last_reason", "last_begins"];
const exampleValues: Record<string, string> = {
  "DateTime64(3)": "'2026-11-23 00:00:00'",
  UInt32: "60",
  String: "''",
};

/** What a view's comment tells; most are for everyone, and do not say so. */
type CommentedView =
  & Pick<AnalyticsView, "title" | "section" | "order" | "description" | "chart">
  & Partial<Pick<AnalyticsView, "isForOperators">>;

Deno.test("every view tells what it is, what one row of it is, and how it is drawn", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const views = await database.rows<
    { name: string; comment: string; parameters: { name: string; type: string }[] }
  >(
    "SELECT name, comment, parameterized_view_parameters AS parameters FROM system.tables " +
      "WHERE database = currentDatabase() AND engine = 'View' AND comment != '' ORDER BY name",
  );
  assert.deepEqual(views.map(({ name }) => name), namesIn("./views/", ".sql"));
  for (const { name, comment, parameters } of views) {
    const { title, section, order, description, chart, isForOperators }: CommentedView = JSON
      .parse(comment);
    assert.match(title, /^[A-Z]/, name);
    assert.ok(sections.includes(section), name);
    assert.ok(Number.isInteger(order), name);
    assert.match(description, /^One row(,| is) .*\.$/, name);
    assert.ok(chartTypes.includes(chart.type), name);
    const types = new Map(parameters.map(({ name, type }) => [name, type]));
    assert.equal(types.get("from"), "DateTime64(3)", name);
    assert.equal(types.get("to"), "DateTime64(3)", name);
    types.forEach((type, parameter) => assert.equal(parameterTypes[parameter], type, name));
    assert.equal(types.has("variant"), types.has("experiment"), name);
    if (chart.turns !== undefined) assert.ok(views.some(({ name }) => name === chart.turns), name);

    const columns = await database.client.query({
      query: `SELECT * FROM ${name}(${
        [...types].map(([name, type]) => `${name} = ${exampleValues[type]}`)
      })`,
      format: "JSONCompactEachRowWithNamesAndTypes",
    });
    const [names, columnTypes] = await columns.json<string[]>();
    assert.equal(
      isForOperators ?? false,
      names.some((column) => privateColumns.includes(column)),
      name,
    );
    const typeOf = (column: string) => columnTypes[names.indexOf(column)];
    assert.match(typeOf(chart.x), /^DateTime/, `${name}.${chart.x}`);
    for (const { column, title, unit = chart.unit } of chart.y) {
      assert.match(typeOf(column), /Int|Float|Decimal/, `${name}.${column}`);
      assert.match(title, /^\S/, name);
      assert.ok(units.includes(unit), name);
      if (chart.type === "figures") assert.equal(typeOf(`${column}_before`), typeOf(column));
    }
    if (chart.series !== undefined) assert.match(typeOf(chart.series), /String/, name);
  }
});

Deno.test("the numbers of every view are held to a count by a test", async () => {
  const tests = await Promise.all(
    namesIn("./", "_engine_test.ts").map((name) =>
      Deno.readTextFile(new URL(`./${name}_engine_test.ts`, import.meta.url))
    ),
  );
  const names = namesIn("./views/", ".sql");
  assert.ok(names.length > 20);
  const untested = names.filter((name) =>
    !tests.some((text) => text.includes(`"${name}"`) || text.includes(`FROM ${name}(`))
  );
  assert.deepEqual(untested, []);
});

/** @returns The files of a folder beside this one that end so, without that end. */
function namesIn(folder: string, end: string): string[] {
  return [...Deno.readDirSync(new URL(folder, import.meta.url))]
    .filter(({ name }) => name.endsWith(end))
    .map(({ name }) => name.slice(0, -end.length))
    .sort();
}
