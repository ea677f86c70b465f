import assert from "node:assert/strict";
import { Connection } from "@temporalio/client";
import { optionalTsToMs } from "@temporalio/common/lib/time.js";
import { searchAttributes } from "../events/contract/names.ts";
import { setUpTemporal } from "./setup_temporal.ts";

Deno.test("setup makes a namespace that is missing, however many do so at once", async () => {
  const address = Deno.env.get("TEMPORAL_ADDRESS")!;
  const namespace = `setup-${crypto.randomUUID()}`;
  await Promise.all(
    [1, 2, 3].map(() => setUpTemporal({ address, namespace, retentionDays: 3 })),
  );
  const connection = await Connection.connect({ address });
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    assert.equal(optionalTsToMs(config?.workflowExecutionRetentionTtl), 3 * 86_400_000);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    });
    for (const name of searchAttributes) assert.ok(name in customAttributes, name);
  } finally {
    await connection.close();
  }
});
