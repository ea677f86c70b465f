/** The gateways that Turnlog is measured beside: pinned versions, installed once into the cache. */
import { readStackSettings, readTestEnvironment } from "../config.ts";
import { fillOnce } from "../engines/cache.ts";
import { npm, type Tool } from "../engines/tools.ts";
import { outputOf, runCommand } from "../run_command.ts";

export interface GatewayInstall {
  title: string;
  /** Its folder in the cache. */
  folder: string;
  needs: Tool[];
  fill(folder: string, options: { environment: Record<string, string> }): Promise<void>;
}

const python: Tool = {
  title: "Python 3 with venv",
  missing: async () =>
    await outputOf("python3", ["-c", "import venv"]) === null ? "not found" : null,
  debian: "apt-get install python3-venv",
  macos: "brew install python",
};

export const litellm: GatewayInstall = {
  title: "LiteLLM 1.109.1",
  folder: `litellm-1.109.1-${Deno.build.os}-${Deno.build.arch}`,
  needs: [python],
  async fill(folder, { environment }) {
    const run = (command: string, args: string[]) => runCommand({ command, args, environment });
    await run("python3", ["-m", "venv", folder]);
    await run(`${folder}/bin/pip`, ["install", "--quiet", "uv==0.13.9"]);
    // Certificates, and tables of a database that is not used here: some mirrors lack the newest of the two.
    await Deno.writeTextFile(`${folder}/any_version.txt`, "certifi\nlitellm-proxy-extras\n");
    await run(`${folder}/bin/uv`, [
      ...["pip", "install", "--python", `${folder}/bin/python`],
      ...["--override", `${folder}/any_version.txt`, "litellm[proxy]==1.109.1"],
    ]);
  },
};

export const portkey: GatewayInstall = {
  title: "Portkey 1.15.2",
  folder: "portkey-1.15.2",
  needs: [npm],
  fill: (folder, { environment }) =>
    runCommand({
      command: "npm",
      args: [
        ...["install", "--prefix", folder, "--no-audit", "--no-fund", "@portkey-ai/gateway@1.15.2"],
        // With newer ones it does not stream.
        ...["hono@4.9.7", "@hono/node-server@1.13.5", "@hono/node-ws@1.2.0"],
      ],
      environment,
    }),
};

/**
 * @returns Its folder.
 * @throws Error that names what is missing, and how to get it.
 */
export async function installGateway(
  { title, folder, needs, fill }: GatewayInstall,
): Promise<string> {
  const environment = readTestEnvironment();
  for (const tool of needs) {
    const state = await tool.missing();
    if (state === null) continue;
    throw new Error(`${title} takes ${tool.title} (${state}): ${tool.debian}, or ${tool.macos}`);
  }
  const path = `${readStackSettings(environment).TURNLOG_CACHE}/${folder}`;
  await fillOnce({
    folder: path,
    fill: (unfinished) => fill(unfinished, { environment }),
    onWait() {},
    signal: new AbortController().signal,
  });
  return path;
}
