/** An embedded ClickHouse server in a process and a data folder of its own, for tests. */
import { readTestVariable } from "../testing/config.ts";
import { connectClickHouse } from "../clickhouse.ts";
import { freePort, until } from "../testing/waiting.ts";

/** How long a server may take to start. */
const startMsMax = 30_000;

export interface TemporaryServer {
  /** Its address, for the user who may only read. */
  url: string;
  /** Its address with the name and password of the user who may write. */
  writerUrl: string;
  dataFolder: string;
  processId(): number;
  /** Kills it (-9). */
  kill(): Promise<void>;
  /** Starts it again on its data, after a kill. */
  restart(): Promise<void>;
  /** Stops it in order. @returns Its exit code. */
  terminate(): Promise<number>;
  /** Ends it and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Needs `TURNLOG_CHDB`, the folder in which chdb is installed; `deno task test` sets it. */
export async function startTemporaryServer(): Promise<TemporaryServer> {
  const chdb = readTestVariable("TURNLOG_CHDB");
  const dataFolder = await Deno.makeTempDir({ prefix: "turnlog_clickhouse_" });
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const writerUrl = `http://turnlog:secret@127.0.0.1:${port}`;
  const launch = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("./main.ts", import.meta.url).pathname],
      env: {
        TURNLOG_CHDB: chdb,
        TURNLOG_CLICKHOUSE_PORT: String(port),
        TURNLOG_CLICKHOUSE_DATA: dataFolder,
        TURNLOG_CLICKHOUSE_PASSWORD: "secret",
        TURNLOG_LOG_LEVEL: "warning",
      },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  let process = launch();
  let running = true;
  const end = async (signal: Deno.Signal) => {
    if (running) process.kill(signal);
    running = false;
    return (await process.status).code;
  };
  await untilAnswers(url, process);
  return {
    url,
    writerUrl,
    dataFolder,
    processId: () => process.pid,
    kill: async () => void await end("SIGKILL"),
    async restart() {
      process = launch();
      running = true;
      await untilAnswers(url, process);
    },
    terminate: () => end("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      await Deno.remove(dataFolder, { recursive: true });
    },
  };
}

/** Connects to a server; the client is closed with `using`. */
export function clientOf(url: string) {
  const client = connectClickHouse(url);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

async function untilAnswers(url: string, process: Deno.ChildProcess): Promise<void> {
  let ended = false;
  void process.status.then(() => ended = true);
  await until(async () => {
    if (ended) throw new Error("The embedded ClickHouse ended; it said why above");
    const response = await fetch(`${url}/ping`).catch(() => null);
    await response?.body?.cancel();
    return response?.ok ?? false;
  }, startMsMax);
}
