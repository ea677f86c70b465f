/** `deno task document-tables`: writes the reference of all tables, `docs/tables.md`, from a ClickHouse that it starts. */
import { connectClickHouse } from "../analytics/clickhouse.ts";
import { describeTables } from "../analytics/tables_reference.ts";
import { formatText } from "./format_text.ts";
import { withTemporaryStack } from "./load/temporary_stack.ts";
import { parseFlags, runTask } from "./task.ts";

async function main(args: string[]): Promise<void> {
  parseFlags({ args });
  // Setup applies the migrations.
  await withTemporaryStack({ models: "", engines: ["clickhouse"], roles: [] }, async (stack) => {
    const clickHouse = connectClickHouse(stack.variables.CLICKHOUSE_URL);
    const reference = await formatText(await describeTables(clickHouse), "md");
    await clickHouse.close();
    await Deno.writeTextFile(new URL("../docs/tables.md", import.meta.url), reference);
  });
}

if (import.meta.main) await runTask({ usage: "usage: deno task document-tables", run: main });
