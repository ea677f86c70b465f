/** The password of the embedded ClickHouse's user who may write. */

/** @returns The password: made at the first start, and kept in the data folder for its owner. */
export function writingPassword(dataFolder: string): string {
  const file = `${dataFolder}/password`;
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.mkdirSync(dataFolder, { recursive: true });
  const password = crypto.getRandomValues(new Uint8Array(24)).toHex();
  Deno.writeTextFileSync(`${file}.new`, password, { mode: 0o600 });
  Deno.renameSync(`${file}.new`, file);
  return Deno.readTextFileSync(file);
}
