/** How Temporal's native client behaves in a process of Turnlog. */
import { DefaultLogger, type LogEntry, Runtime } from "@temporalio/worker";
import type { Logger } from "./logging.ts";

/** What it warns of and is meant to be so: the worker of an api process only adopts calls. */
const expected = /^No workflows registered/;

/**
 * Sends what Temporal logs to the process's own log, and leaves signals to the process. To be called before the first
 * connection.
 *
 * Connections are to be made with `NativeConnection` of `@temporalio/worker`, in clients too: the one of
 * `@temporalio/client` speaks HTTP/2 through Node's module, and Deno's ends the process when a server closes it (GOAWAY).
 */
export function installTemporalRuntime(log: Logger): void {
  Runtime.install({
    logger: new DefaultLogger("INFO", ({ level, message, meta }: LogEntry) => {
      const entry = { ...meta };
      if (level === "ERROR") log.error(message, entry);
      else if (level === "WARN" && !expected.test(message)) log.warn(message, entry);
      // Its news of every day is for those who look closely.
      else log.debug(message, entry);
    }),
    telemetryOptions: { logging: { filter: "WARN", forward: {} } },
    shutdownSignals: [],
  });
}
