/** The embedded Temporal: its own development server, with a file that lasts and settings that make it fast. */
import { parse } from "yaml";
import { readinessOf } from "../../events/health_server.ts";
import { outputOf, runCommand } from "../run_command.ts";
import type { ProcessDefinition } from "../supervised_process.ts";
import {
  type Engine,
  engineReadyMs,
  type Found,
  type Install,
  type InstallProgress,
} from "./engine.ts";
import { baseEnvironment, type EngineSources } from "./engine_sources.ts";
import { archiveAddress, isReachable, unpackArchive } from "./release_archive.ts";
import { go, isAtLeast, versionIn } from "./tools.ts";

/** The newest one that `go install` builds: those after it have a `replace` in their go.mod. */
const version = "1.5.1";

const modulePath = "github.com/temporalio/cli/cmd/temporal";

/** As published with the release, by Deno's names for system and machine. */
const checksums: Record<string, string> = {
  "linux-x86_64": "ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d",
  "linux-aarch64": "bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5",
  "darwin-x86_64": "bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9",
  "darwin-aarch64": "cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415",
};

/** @returns The engine; its place is the path of the executable. */
export function temporalEngine(sources: EngineSources): Engine<string> {
  const folder = `temporal-${version}-${Deno.build.os}-${Deno.build.arch}`;
  const place = (folder: string) => `${folder}/temporal`;
  const module: Install<string> = {
    folder,
    version,
    doing: "building its Go module",
    usually: "3 to 6 minutes",
    needs: [go],
    isReachable: () => Promise.resolve(true),
    fill: (folder, progress) => buildModule(folder, sources, progress),
    place,
  };
  return {
    title: "Temporal",
    addressVariable: "TEMPORAL_ADDRESS",
    needs: [],
    findInstalled,
    installs: [...releaseArchive(sources, { folder, place }), module],
  };
}

/**
 * @param dataFolder Where its database is kept.
 * @param codecEndpoint Who decrypts payloads for the UI; undefined where they are not encrypted.
 */
export function temporalServer(
  { executable, dataFolder, port, uiPort, codecEndpoint, environment }: {
    executable: string;
    dataFolder: string;
    port: number;
    uiPort: number;
    codecEndpoint: string | undefined;
    environment: Record<string, string>;
  },
): ProcessDefinition {
  Deno.mkdirSync(dataFolder, { recursive: true });
  return {
    name: "temporal",
    command: executable,
    args: [
      ...["server", "start-dev", "--ip", "127.0.0.1"],
      ...["--port", String(port), "--ui-port", String(uiPort)],
      ...(codecEndpoint === undefined ? [] : ["--ui-codec-endpoint", codecEndpoint]),
      ...["--db-filename", `${dataFolder}/temporal.db`],
      // With SQLite's defaults the server holds 15 turns a second; so, as many as in memory, and a kill loses nothing.
      ...["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"],
      ...dynamicConfig().flatMap((setting) => ["--dynamic-config-value", setting]),
      ...["--log-level", "error", "--output", "none"],
      // Settings of this user for other servers must not reach this one.
      ...["--disable-config-env", "--disable-config-file"],
    ],
    // A collection for each 400 % of garbage instead of 100 %: it costs less of the processors, and some memory.
    environment: { ...baseEnvironment(environment), GOGC: "400" },
    checkReadiness: () => readinessOf(() => describeDefaultNamespace(uiPort)),
    readyWithinMs: engineReadyMs,
  };
}

/** @returns What makes it fast, from the file that the containers' server reads, as `key=<JSON>`. */
function dynamicConfig(): string[] {
  const file = new URL("../../deploy/temporal/dynamic_config.yaml", import.meta.url);
  const settings: Record<string, { value: unknown }[]> = parse(Deno.readTextFileSync(file));
  return Object.entries(settings).map(([key, [{ value }]]) => `${key}=${JSON.stringify(value)}`);
}

/** The web UI passes this on to the server: when it answers, both are up. */
async function describeDefaultNamespace(uiPort: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${uiPort}/api/v1/namespaces/default`, {
    signal: AbortSignal.timeout(2000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
}

/** By its server's version: a `temporal` that was built from its module does not know its own. */
async function findInstalled(): Promise<Found<string> | null> {
  const server = versionIn(await outputOf("temporal", ["--version"]), /Server (\d+)\.(\d+)/);
  if (server === null || !isAtLeast(server, [1, 29])) return null;
  return { place: "temporal", description: `on PATH, with server ${server.join(".")}` };
}

function releaseArchive(
  { releases }: EngineSources,
  { folder, place }: Pick<Install<string>, "folder" | "place">,
): Install<string>[] {
  const sha256 = checksums[`${Deno.build.os}-${Deno.build.arch}`];
  if (sha256 === undefined) return [];
  const machine = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
  const archive = {
    url: `https://github.com/temporalio/cli/releases/download/v${version}/` +
      `temporal_cli_${version}_${Deno.build.os}_${machine}.tar.gz`,
    sha256,
  };
  const address = archiveAddress(archive, releases);
  if (address === null) return [];
  return [{
    folder,
    version,
    doing: "downloading its release",
    usually: "half a minute",
    needs: [],
    isReachable: () => isReachable(address),
    fill: (folder, progress) =>
      unpackArchive({ archive, address, folder, members: [], strip: 0, progress }),
    place,
  }];
}

async function buildModule(
  folder: string,
  { environment }: EngineSources,
  { signal, detail }: InstallProgress,
): Promise<void> {
  let packages = 0;
  await runCommand({
    command: "go",
    // -v: it names each package that it has compiled.
    args: ["install", "-v", "-ldflags", "-s -w", `${modulePath}@v${version}`],
    // All of the environment: Go reads its proxy, its caches and its flags from there.
    environment: { ...environment, GOBIN: folder },
    signal,
    onLine: (line) =>
      detail(line.startsWith("go: ") ? line.slice(4) : `${++packages} packages compiled`),
  });
}
