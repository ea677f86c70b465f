/** What an analyst's query may read: the tables and views of the database, by what ClickHouse says of them. */
import type { AnalystTable } from "../../events/contract/api.ts";
import type { ClickHouseHttp } from "./clickhouse_http.ts";

/** Turnlog's own bookkeeping, and what views keep their rows in. */
const leftOut = "NOT startsWith(name, 'schema_') AND NOT startsWith(name, '.')";

const query = `
  SELECT name, engine, comment, parameterized_view_parameters AS parameters, columns
  FROM system.tables
  LEFT JOIN (
    SELECT table, groupArray((name, type, comment)) AS columns
    FROM (SELECT * FROM system.columns WHERE database = currentDatabase() ORDER BY table, position)
    GROUP BY table
  ) AS described ON described.table = tables.name
  WHERE database = currentDatabase() AND ${leftOut}
  ORDER BY engine = 'View', name`;

interface StoredTable {
  name: string;
  engine: string;
  comment: string;
  parameters: AnalystTable["parameters"];
  columns: [name: string, type: string, comment: string][];
}

/** @throws ProblemError where ClickHouse does not answer. */
export async function readTables(
  clickHouse: ClickHouseHttp,
  signal: AbortSignal,
): Promise<AnalystTable[]> {
  const { body } = await clickHouse.query(query, {
    settings: { default_format: "JSONEachRow" },
    signal,
  });
  const lines = (await new Response(body).text()).split("\n").filter(Boolean);
  return lines.map((line): AnalystTable => {
    const { name, engine, comment, parameters, columns }: StoredTable = JSON.parse(line);
    return {
      name,
      kind: engine === "View" ? "view" : "table",
      description: describedBy(comment),
      columns: columns.map(([name, type, description]) => ({ name, type, description })),
      parameters,
    };
  });
}

/** A view of the dashboard has JSON as its comment, for the chart. */
function describedBy(comment: string): string {
  if (!comment.startsWith("{")) return comment;
  try {
    const { title, description } = JSON.parse(comment);
    return `${title}: ${description}`;
  } catch {
    return comment;
  }
}
