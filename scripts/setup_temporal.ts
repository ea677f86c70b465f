/** Makes a Temporal namespace ready: the search attributes by which operators filter turns, and how long runs are kept. */
import { Connection } from "@temporalio/client";
import { msToTs, optionalTsToMs } from "@temporalio/common/lib/time.js";
import proto from "@temporalio/proto";
import { searchAttributes } from "../events/contract/names.ts";
import { untilAnswers } from "./until_answers.ts";

const dayMs = 86_400_000;

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/**
 * @param retentionDays How long a run is kept after its end; left as it is where undefined.
 * @throws Error where the server does not answer, or an attribute exists with another type.
 */
export async function setUpTemporal(
  { address, namespace, retentionDays }: {
    address: string;
    namespace: string;
    retentionDays: number | undefined;
  },
): Promise<void> {
  const connection = await untilAnswers(
    { title: "Temporal", address, variable: "TEMPORAL_ADDRESS" },
    () => Connection.connect({ address, connectTimeout: "5s" }),
  );
  try {
    await addSearchAttributes(connection, namespace);
    if (retentionDays !== undefined) await setRetention(connection, namespace, retentionDays);
  } finally {
    await connection.close();
  }
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const other = searchAttributes.filter((name) =>
    (customAttributes[name] ?? INDEXED_VALUE_TYPE_KEYWORD) !== INDEXED_VALUE_TYPE_KEYWORD
  );
  if (other.length > 0) {
    throw new Error(
      `Cannot use the Temporal namespace ${namespace}: its search attributes ${other.join(", ")} ` +
        "exist with another type than Keyword. Name another namespace with TEMPORAL_NAMESPACE",
    );
  }
  const missing = searchAttributes.filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD])),
  });
}

async function setRetention(
  connection: Connection,
  namespace: string,
  days: number,
): Promise<void> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  if (optionalTsToMs(config?.workflowExecutionRetentionTtl) === days * dayMs) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(days * dayMs) },
  });
}
