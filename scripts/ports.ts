/** TCP ports: whether one is free, and which one is. */

/** A port that is about to be listened on. */
export interface WantedPort {
  host: string;
  port: number;
  /** The variable that sets the host, if one does. */
  hostVariable?: string;
  /** What it is for, such as "Temporal's web UI". */
  purpose: string;
  /** The variable that sets it. */
  variable: string;
  /** The variable by which what runs there already could be used instead, if there is one. */
  addressVariable?: string;
}

/** One or several ports cannot be listened on; the message is for the person who started. */
export class PortsTakenError extends Error {
  override name = "PortsTakenError";
}

/**
 * Checks that all of these can be listened on, before anything is started.
 *
 * @throws PortsTakenError that names each one that cannot, and the ways out.
 */
export function checkPorts(wanted: WantedPort[]): void {
  const problems = wanted.flatMap((one, index) => {
    const twin = wanted.slice(0, index).find(({ port }) => port === one.port);
    if (twin) {
      return [
        `Port ${one.port} is wanted twice: for ${twin.purpose} (${twin.variable}) and for ` +
        `${one.purpose} (${one.variable}). Set one of the two variables to another port.`,
      ];
    }
    const reason = whyNotFree(one);
    if (reason === null) return [];
    if (reason.isHost && one.hostVariable) {
      return [
        `${one.host}, for ${one.purpose}, is no address of this machine: ${reason.words}. ` +
        `Set ${one.hostVariable} to one, such as 127.0.0.1, or 0.0.0.0 for all.`,
      ];
    }
    const instead = one.addressVariable
      ? `, or set ${one.addressVariable} to use what runs there`
      : "";
    return [
      `Port ${one.port} on ${one.host}, for ${one.purpose}, cannot be used: ${reason.words}. ` +
      `Set ${one.variable} to a free port${instead}.`,
    ];
  });
  if (problems.length > 0) throw new PortsTakenError(problems.join("\n"));
}

/** Below the ports that systems give to connections: what was free a moment ago is not one's by chance. */
const freePortMin = 20_000;
const freePortCount = 10_000;
const triesMax = 100;

/**
 * Listens on the loopback address.
 *
 * @throws Deno.errors.AddrInUse where many ports were tried, and none was free.
 */
export function listenOnFreePort(): Deno.TcpListener {
  for (let tries = 1;; tries++) {
    const port = freePortMin + Math.floor(Math.random() * freePortCount);
    try {
      return Deno.listen({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || tries === triesMax) throw error;
    }
  }
}

/** @returns As many different ports of the loopback address that nothing listens on now. */
export function freePorts(count: number): number[] {
  // All are held until all are found, so that none is given twice.
  const listeners = Array.from({ length: count }, listenOnFreePort);
  return listeners.map((listener) => {
    listener.close();
    return listener.addr.port;
  });
}

/** @returns Free ports for everything that a stack listens on, as the variables that set them. */
export function freePortVariables(): Record<string, string> {
  const variables = [
    "TURNLOG_PORT",
    "TURNLOG_TEMPORAL_PORT",
    "TURNLOG_TEMPORAL_UI_PORT",
    "TURNLOG_KAFKA_PORT",
    "TURNLOG_CLICKHOUSE_PORT",
  ];
  const ports = freePorts(variables.length);
  return Object.fromEntries(variables.map((variable, index) => [variable, String(ports[index])]));
}

/** @returns Whether something accepts connections there. */
export async function accepts(host: string, port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: host, port })).close();
    return true;
  } catch {
    return false;
  }
}

/** @returns Null where it is free; else why not, and whether that is due to the host. */
function whyNotFree({ host, port }: WantedPort): { words: string; isHost: boolean } | null {
  try {
    Deno.listen({ hostname: host, port }).close();
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      return { words: "something else listens on it", isHost: false };
    }
    const words = error instanceof Error ? error.message : String(error);
    // A port that may not be had is refused by the system; an unknown name fails before that.
    return { words, isHost: !(error instanceof Deno.errors.PermissionDenied) };
  }
}
