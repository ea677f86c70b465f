/** The secret by which users are known. */

/**
 * Reads the secret of this installation, or makes it, in a file that only its owner can read. Safe when several
 * processes start at once: all end up with the same.
 *
 * @param folder The data folder.
 */
export async function readOrMakeSecret(folder: string): Promise<string> {
  const file = `${folder}/secret`;
  const made = `${file}.${crypto.randomUUID()}`;
  await Deno.mkdir(folder, { recursive: true });
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const secret = crypto.getRandomValues(new Uint8Array(32)).toHex();
  await Deno.writeTextFile(made, secret, { mode: 0o600 });
  try {
    // Fails where another process was quicker, and leaves what that one made.
    await Deno.link(made, file);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(made);
  }
  return await Deno.readTextFile(file);
}
