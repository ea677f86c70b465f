/** What lies behind an error. */

/** @returns The innermost message: what the network said, rather than a package's "Connection error.". */
export function rootCause(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}
