/** References to keys, as plans and `turnlog.yaml` hold them, so that neither holds a key. */

/** @returns The key behind a reference, `env:NAME`; undefined where there is none, or the variable is not set. */
export type ResolveKey = (reference: string | undefined) => string | undefined;

/** @param readVariable Reads a variable of the environment. */
export function keyResolver(readVariable: (name: string) => string | undefined): ResolveKey {
  return (reference) =>
    reference === undefined ? undefined : readVariable(reference.replace(/^env:/, ""));
}
