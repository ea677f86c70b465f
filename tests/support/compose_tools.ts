/** Asks Docker's own code how it reads `docker-compose.yml` and `.dockerignore`: a small program, built once. */
import { createHash } from "node:crypto";
import {
  isContinuousIntegration,
  readStackSettings,
  readTestEnvironment,
} from "../../scripts/config.ts";
import { fillOnce } from "../../scripts/engines/cache.ts";
import { go } from "../../scripts/engines/tools.ts";
import { runCommand } from "../../scripts/run_command.ts";

const source = "tests/support/compose_tools";

/** What Compose makes of the file, as far as it is used. */
export interface ComposeProject {
  services: Record<string, ComposeService>;
}

export interface ComposeService {
  image: string;
  command: string[] | null;
  environment?: Record<string, string>;
  ports?: { host_ip?: string; target: number; published: string }[];
  volumes?: { type: string; source: string; target: string; read_only?: boolean }[];
}

/** Options of tests that take the program: where it cannot be built they are left out, never in an automatic run. */
export async function needsComposeTools(): Promise<{ ignore: boolean }> {
  return { ignore: await go.missing() !== null && !isContinuousIntegration() };
}

/**
 * @param variables All that the file's `${…}` can refer to.
 * @throws Error with what Compose says where it refuses the file.
 */
export async function readComposeFile(
  file: string,
  variables: Record<string, string>,
): Promise<ComposeProject> {
  return JSON.parse(await ask(["config", file], variables));
}

/** @returns The paths of the files in a folder that its `.dockerignore` lets through. */
export async function readBuildContext(folder: string): Promise<string[]> {
  return JSON.parse(await ask(["context", folder], {}));
}

async function ask(args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(await builtTools(), {
    args,
    env,
    clearEnv: true,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** @returns The path of the program, in the cache under a name that changes with its source and its libraries. */
async function builtTools(): Promise<string> {
  const environment = readTestEnvironment();
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.sum"]) hash.update(Deno.readFileSync(`${source}/${file}`));
  const version = hash.digest("hex").slice(0, 12);
  const folder = `${readStackSettings(environment).TURNLOG_CACHE}/compose_tools-${version}-` +
    `${Deno.build.os}-${Deno.build.arch}`;
  await fillOnce({
    folder,
    fill: (unfinished) =>
      runCommand({
        command: "go",
        args: [
          "build",
          "-C",
          source,
          "-buildvcs=false",
          "-ldflags",
          "-s -w",
          "-o",
          `${unfinished}/`,
        ],
        environment,
      }),
    onWait() {},
    signal: AbortSignal.timeout(buildWithinMs),
  });
  return `${folder}/compose_tools`;
}

/** It takes half a minute on two cores with nothing in Go's caches, and longer where others build too. */
const buildWithinMs = 300_000;
