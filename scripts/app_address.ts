/** Where the app of a stack is. */

/** @returns The address of the app for a browser on this machine. */
export function appAddress(
  { TURNLOG_HOST, TURNLOG_PORT }: { TURNLOG_HOST: string; TURNLOG_PORT: number },
): string {
  const isEveryAddress = ["0.0.0.0", "::", "[::]"].includes(TURNLOG_HOST);
  return `http://${isEveryAddress ? "127.0.0.1" : TURNLOG_HOST}:${TURNLOG_PORT}`;
}
