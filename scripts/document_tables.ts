/** `deno task document-tables`: writes the reference of all tables, `docs/tables.md`, from a ClickHouse that it starts. */
import { connectClickHouse } from "../analytics/clickhouse.ts";
import { describeTables } from "../analytics/tables_reference.ts";
import { formatMarkdown } from "./format_markdown.ts";
import { withTemporaryStack } from "./load/temporary_stack.ts";

if (import.meta.main) {
  // Setup applies the migrations.
  await withTemporaryStack({ models: "", engines: ["clickhouse"], roles: [] }, async (stack) => {
    const clickHouse = connectClickHouse(stack.variables.CLICKHOUSE_URL);
    const reference = await formatMarkdown(await describeTables(clickHouse));
    await clickHouse.close();
    await Deno.writeTextFile(new URL("../docs/tables.md", import.meta.url), reference);
  });
  Deno.exit(0);
}
