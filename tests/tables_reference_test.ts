/** The reference of the tables says what the tables are. */
import assert from "node:assert/strict";
import { migrate } from "../analytics/migrate.ts";
import { describeTables } from "../analytics/tables_reference.ts";
import { createTemporaryDatabase } from "../analytics/testing/temporary_database.ts";
import { formatText } from "../scripts/format_text.ts";

Deno.test("docs/tables.md describes every column of every table as it is now", async () => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  assert.equal(
    await Deno.readTextFile(new URL("../docs/tables.md", import.meta.url)),
    await formatText(await describeTables(database.client), "md"),
    "docs/tables.md is stale. Run: deno task document-tables",
  );
});

Deno.test("a column without a comment is not described, but named", async () => {
  await using database = await createTemporaryDatabase();
  await database.client.command({
    query: "CREATE TABLE bare (id Int32) ENGINE = MergeTree ORDER BY id COMMENT 'A table'",
  });
  await assert.rejects(describeTables(database.client), /Cannot describe bare\.id/);
});
