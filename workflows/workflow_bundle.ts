/** The bundle of workflow code as a worker takes it. */
import type { DataConverter } from "@temporalio/common";
import { encryptingPrefix } from "./failure_converter.ts";

/** When a workflow whose worker has died is given to another one. */
export const stickyTimeoutMs = 1000;

/**
 * @param file The bundle that `workflows/bundle.ts` wrote.
 * @param dataConverter Of the worker; one that encrypts is to encrypt failures too.
 */
export async function readWorkflowBundle(
  file: string,
  dataConverter: DataConverter | undefined,
): Promise<{ code: string }> {
  const code = await Deno.readTextFile(file);
  return { code: dataConverter === undefined ? code : encryptingPrefix + code };
}
