/**
 * Makes a Temporal namespace ready: that it is there, the search attributes by which operators filter turns, and how
 * long runs are kept.
 */
import { Connection, isGrpcServiceError } from "@temporalio/client";
import { msToTs, optionalTsToMs } from "@temporalio/common/lib/time.js";
import proto from "@temporalio/proto";
import { searchAttributes } from "../events/contract/names.ts";
import { untilAnswers } from "./until_answers.ts";

const dayMs = 86_400_000;
/** How long a namespace that is made here keeps a run after its end, where nothing else was asked for. */
const defaultRetentionDays = 7;

/** gRPC's status codes. */
const notFound = 5;
const alreadyExists = 6;

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
    await ensureNamespace(connection, namespace, retentionDays ?? defaultRetentionDays);
    await addSearchAttributes(connection, namespace);
    if (retentionDays !== undefined) await setRetention(connection, namespace, retentionDays);
  } finally {
    await connection.close();
  }
}

/** A server of one's own begins without any namespace, unlike the development server. */
async function ensureNamespace(
  { workflowService, operatorService }: Connection,
  namespace: string,
  retentionDays: number,
): Promise<void> {
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!hasCode(error, notFound)) throw error;
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(retentionDays * dayMs),
    }).catch((error) => {
      // Somebody else has made it meanwhile.
      if (!hasCode(error, alreadyExists)) throw error;
    });
  }
  // The server's parts learn of a new one at different times, within seconds.
  await untilAnswers(
    { title: "the namespace", address: namespace, variable: "TEMPORAL_NAMESPACE" },
    () => operatorService.listSearchAttributes({ namespace }),
  );
}

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && error.code === code;
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
