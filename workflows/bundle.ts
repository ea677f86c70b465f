/**
 * Bundles the workflow code into one file for the worker, which then need not load webpack.
 *
 * usage: deno run -A workflows/bundle.ts <file>
 */
import { bundleWorkflowCode } from "@temporalio/worker";
import { fileURLToPath } from "node:url";

/** Writes the bundle; the file appears whole or not at all. */
export async function writeWorkflowBundle(file: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("./workflows.ts", import.meta.url)),
    failureConverterPath: fileURLToPath(new URL("./failure_converter.ts", import.meta.url)),
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn: console.warn,
      error: console.error,
    },
  });
  const unfinished = `${file}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(unfinished, code);
  await Deno.rename(unfinished, file);
}

if (import.meta.main) {
  const [file] = Deno.args;
  if (file === undefined) {
    console.error("Cannot write the workflow bundle: name the file as the first argument");
    Deno.exit(2);
  }
  await writeWorkflowBundle(file);
}
