/** The reference of all tables, as ClickHouse itself knows them: `docs/tables.md`, by `deno task document-tables`. */
import { type ClickHouseClient, rowsOf } from "./clickhouse.ts";

interface Table {
  name: string;
  comment: string;
  sorting_key: string;
  partition_key: string;
}

interface Column {
  table: string;
  name: string;
  type: string;
  comment: string;
}

interface Index {
  table: string;
  expr: string;
}

const title = `# Tables of ClickHouse

Generated from the comments in \`analytics/migrations/\` by \`deno task document-tables\`; a test fails
where it is stale. The views over these tables are in \`analytics/views/\`, one file each.
`;

/** @returns Markdown, not yet formatted. @throws Error that names the columns without a comment. */
export async function describeTables(clickHouse: ClickHouseClient): Promise<string> {
  const rows = <Row>(what: string, from: string) =>
    rowsOf<Row>(clickHouse, `SELECT ${what} FROM system.${from}`);
  // What migrations note of themselves is nobody's reading.
  const tables = await rows<Table>(
    "name, comment, sorting_key, partition_key",
    "tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name NOT LIKE 'schema\\_%' ORDER BY name",
  );
  const ofTables = `database = currentDatabase() AND table IN (${
    tables.map(({ name }) => `'${name}'`).join()
  })`;
  const columns = await rows<Column>(
    "table, name, type, comment",
    `columns WHERE ${ofTables} ORDER BY table, position`,
  );
  const indexes = await rows<Index>(
    "table, expr",
    `data_skipping_indices WHERE ${ofTables} ORDER BY table, name`,
  );
  const silent = columns.filter(({ comment }) => comment === "");
  if (silent.length > 0) {
    const names = silent.map(({ table, name }) => `${table}.${name}`).join(", ");
    throw new Error(`Cannot describe ${names}: give each column a COMMENT in its migration`);
  }
  return [
    title,
    ...tables.map((table) =>
      describe(
        table,
        columns.filter((column) => column.table === table.name),
        indexes.filter((index) => index.table === table.name),
      )
    ),
  ].join("\n");
}

function describe(table: Table, columns: Column[], indexes: Index[]): string {
  const found = indexes.map(({ expr }) => `\`${expr}\``).join(", ");
  return [
    `## \`${table.name}\`\n`,
    `${table.comment}.\n`,
    `Sorted by \`${table.sorting_key}\`` +
    (table.partition_key ? `, in partitions by \`${table.partition_key}\`` : "") +
    (found ? `; also found by ${found}` : "") + ".\n",
    ...columns.map(({ name, type, comment }) => `- \`${name}\` \`${type}\`: ${asProse(comment)}`),
    "",
  ].join("\n");
}

/** What Markdown would take for its own. */
function asProse(comment: string): string {
  return comment.replaceAll(/[*_<[]/g, "\\$&");
}
