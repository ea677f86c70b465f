/** The embedded ClickHouse: its server where there is one, else the same engine in a process of ours (chDB). */
import { readinessOf } from "../../events/health_server.ts";
import { outputOf, runCommand } from "../run_command.ts";
import type { ProcessDefinition } from "../supervised_process.ts";
import { serverConfiguration, usersConfiguration } from "./clickhouse_configuration.ts";
import { type Engine, engineReadyMs, type Found, type Install } from "./engine.ts";
import { baseEnvironment, type EngineSources, pick } from "./engine_sources.ts";
import { archiveAddress, isReachable, unpackArchive } from "./release_archive.ts";
import { isAtLeast, npm, versionIn } from "./tools.ts";

export const serverVersion = "26.6.1.1193";
const chdbVersion = "3.4.0";

/** As published with the release, by Deno's names for machines. There is no archive for macOS. */
const checksums: Record<string, string> = {
  "x86_64": "8bb014df471a7dc65808ad3e13d792de089a093abadc9760760de95c15fe9241",
  "aarch64": "c5fb9a4b6699fcf63f332fc6f2313b74ed5ee3cb3bdfe2cdfe1d0c4b0d11c676",
};

/** The path of the server's executable, or the folder in which chDB was installed. */
export type ClickHousePlace =
  | { kind: "server"; executable: string }
  | { kind: "chdb"; folder: string };

/**
 * @param dataFolder The two keep their data in different ways, so a folder stays with the one that began it.
 */
export function clickhouseEngine(
  sources: EngineSources,
  dataFolder: string,
): Engine<ClickHousePlace> {
  const mayRunServer = !exists(`${dataFolder}/chdb`);
  return {
    title: "ClickHouse",
    addressVariable: "CLICKHOUSE_URL",
    needs: [],
    findInstalled: () => mayRunServer ? findInstalled() : Promise.resolve(null),
    installs: [...(mayRunServer ? releaseArchive(sources) : []), chdbInstall(sources)],
  };
}

/** @returns The way to get chDB, which the tests of our own server take whatever else there is. */
export function chdbInstall(sources: EngineSources): Install<ClickHousePlace> {
  return {
    folder: `chdb-${chdbVersion}-${Deno.build.os}-${Deno.build.arch}`,
    version: `chDB ${chdbVersion}`,
    doing: "installing its npm package",
    usually: "half a minute",
    needs: [npm],
    isReachable: () => Promise.resolve(true),
    fill: (folder, { signal, detail }) => installChdb(folder, sources, { signal, onLine: detail }),
    place: (folder) => ({ kind: "chdb", folder }),
  };
}

export interface ClickHouseServerOptions {
  place: ClickHousePlace;
  /** Where its data is kept. */
  dataFolder: string;
  /** Where its settings are written. */
  runFolder: string;
  port: number;
  /** Of the user `turnlog`, who may write; everyone may read. */
  password: string;
  environment: Record<string, string>;
}

export function clickhouseServer(options: ClickHouseServerOptions): ProcessDefinition {
  return {
    ...(options.place.kind === "server"
      ? serverProcess(options, options.place.executable)
      : chdbProcess(options, options.place.folder)),
    name: "clickhouse",
    checkReadiness: () => readinessOf(() => ping(options.port)),
    readyWithinMs: engineReadyMs,
    // A heavy query makes charts late, and no answer.
    yieldsProcessors: true,
  };
}

function serverProcess(options: ClickHouseServerOptions, executable: string) {
  const { dataFolder, runFolder, port, password } = options;
  const folder = `${dataFolder}/server`;
  Deno.mkdirSync(folder, { recursive: true });
  const configurationFile = `${runFolder}/clickhouse.xml`;
  const usersFile = `${runFolder}/clickhouse_users.xml`;
  Deno.writeTextFileSync(configurationFile, serverConfiguration({ folder, port, usersFile }));
  Deno.writeTextFileSync(usersFile, usersConfiguration(password), { mode: 0o600 });
  return {
    command: executable,
    args: ["server", "--config-file", configurationFile],
    environment: baseEnvironment(options.environment),
    cwd: folder,
  };
}

/** Settings of the process around chDB that are its user's choice. */
const passedToChdb = [
  "TURNLOG_CLICKHOUSE_ALLOWED_HOSTS",
  "TURNLOG_LOG_LEVEL",
  "TURNLOG_LOG_FORMAT",
];

function chdbProcess(options: ClickHouseServerOptions, folder: string) {
  const data = `${options.dataFolder}/chdb`;
  Deno.mkdirSync(data, { recursive: true });
  return {
    command: Deno.execPath(),
    args: ["run", "-A", "analytics/embedded/main.ts"],
    environment: {
      ...baseEnvironment(options.environment),
      ...pick(options.environment, passedToChdb),
      TURNLOG_CLICKHOUSE_HOST: "127.0.0.1",
      TURNLOG_CLICKHOUSE_PORT: String(options.port),
      TURNLOG_CLICKHOUSE_DATA: data,
      TURNLOG_CLICKHOUSE_PASSWORD: options.password,
      TURNLOG_CHDB: folder,
    },
  };
}

async function ping(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/ping`, {
    signal: AbortSignal.timeout(2000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
}

async function findInstalled(): Promise<Found<ClickHousePlace> | null> {
  const found = versionIn(await outputOf("clickhouse", ["--version"]), /version (\d+)\.(\d+)/);
  // The first one in which the JSON type and all else that the tables use is settled.
  if (found === null || !isAtLeast(found, [25, 8])) return null;
  return {
    place: { kind: "server", executable: "clickhouse" },
    description: `server ${found.join(".")} on PATH`,
  };
}

function releaseArchive({ releases }: EngineSources): Install<ClickHousePlace>[] {
  const sha256 = checksums[Deno.build.arch];
  if (Deno.build.os !== "linux" || sha256 === undefined) return [];
  const machine = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
  const name = `clickhouse-common-static-${serverVersion}`;
  const archive = {
    url: `https://github.com/ClickHouse/ClickHouse/releases/download/v${serverVersion}-stable/` +
      `${name}-${machine}.tgz`,
    sha256,
  };
  const address = archiveAddress(archive, releases);
  if (address === null) return [];
  const members = [`${name}/usr/bin/clickhouse`];
  return [{
    folder: `clickhouse-${serverVersion}-${machine}`,
    version: serverVersion,
    doing: "downloading its release",
    usually: "a minute",
    needs: [],
    isReachable: () => isReachable(address),
    fill: (folder, progress) =>
      unpackArchive({ archive, address, folder, members, strip: 3, progress }),
    place: (folder) => ({ kind: "server", executable: `${folder}/clickhouse` }),
  }];
}

async function installChdb(
  folder: string,
  { environment }: EngineSources,
  { signal, onLine }: { signal: AbortSignal; onLine: (line: string) => void },
): Promise<void> {
  await runCommand({
    command: "npm",
    args: ["install", "--prefix", folder, "--no-audit", "--no-fund", `chdb@${chdbVersion}`],
    // All of the environment: npm reads its registry and its proxy from there.
    environment,
    signal,
    onLine,
  });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
