/** Gets an engine: from PATH, from the cache, from its vendor's release archive, or from a package registry. */
import type { Step } from "../output.ts";
import { fillOnce, isFilled } from "./cache.ts";
import type { Engine, Found, Install } from "./engine.ts";
import type { Tool } from "./tools.ts";

/** The way in which one engine will be got. */
export type Way<Place> =
  | { kind: "found"; found: Found<Place> }
  /** Tried in this order until one succeeds. */
  | { kind: "install"; installs: Install<Place>[] };

/** Tools are missing; the message names them all, with the ways out. */
export class ToolsMissingError extends Error {
  override name = "ToolsMissingError";
}

/** Finds out how to get an engine, without yet getting it. */
export async function chooseWay<Place>(
  engine: Engine<Place>,
  cache: string,
): Promise<Way<Place>> {
  const installed = await engine.findInstalled();
  if (installed) return { kind: "found", found: installed };
  const cached = engine.installs.find(({ folder }) => isFilled(`${cache}/${folder}`));
  if (cached) return { kind: "found", found: foundIn(cached, cache) };
  const reachable = await Promise.all(engine.installs.map((install) => install.isReachable()));
  return {
    kind: "install",
    installs: engine.installs.filter((_, index) => reachable[index]),
  };
}

/**
 * Checks that all tools are there that these engines take, before minutes are spent on one of them.
 *
 * @throws ToolsMissingError
 */
export async function checkTools(
  chosen: { engine: Engine<unknown>; way: Way<unknown> }[],
): Promise<void> {
  const problems = await Promise.all(chosen.map(async ({ engine, way }) => {
    const first = way.kind === "install" ? way.installs[0]?.needs ?? [] : [];
    const missing = await missingOf([...engine.needs, ...first]);
    return missing.map((one) => ({ engine, ...one }));
  }));
  if (problems.flat().length > 0) throw new ToolsMissingError(toolsMessage(problems.flat()));
}

/**
 * Gets the engine in the way that was chosen.
 *
 * @param say Is told why a way failed when another one is tried.
 * @throws Error of all ways, where none succeeds.
 */
export async function acquire<Place>(
  { engine, way, cache, step, say, signal }: {
    engine: Engine<Place>;
    way: Way<Place>;
    cache: string;
    step: Step;
    say(line: string): void;
    signal: AbortSignal;
  },
): Promise<Found<Place>> {
  if (way.kind === "found") return way.found;
  const failures: string[] = [];
  for (const [index, install] of way.installs.entries()) {
    step.says(`${install.version}: ${install.doing}, usually ${install.usually}`);
    try {
      await checkTools([{ engine, way: { kind: "install", installs: [install] } }]);
      await fillOnce({
        folder: `${cache}/${install.folder}`,
        fill: (folder) => install.fill(folder, { detail: (text) => step.detail(text), signal }),
        onWait: () => step.detail("waiting for another start, which is at it"),
        signal,
      });
      return { ...foundIn(install, cache), description: `${install.version}, just installed` };
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error instanceof Error ? error.message : String(error));
      if (index < way.installs.length - 1) say(`${failures.at(-1)}. Trying another way.`);
    }
  }
  throw new Error(`Cannot get ${engine.title}: ${failures.join("\n")}`);
}

function foundIn<Place>(install: Install<Place>, cache: string): Found<Place> {
  return {
    place: install.place(`${cache}/${install.folder}`),
    description: `${install.version} from the cache`,
  };
}

async function missingOf(tools: Tool[]): Promise<{ tool: Tool; state: string }[]> {
  const states = await Promise.all(tools.map((tool) => tool.missing()));
  return tools.flatMap((tool, index) => {
    const state = states[index];
    return state === null ? [] : [{ tool, state }];
  });
}

function toolsMessage(
  problems: { engine: Engine<unknown>; tool: Tool; state: string }[],
): string {
  const lines = problems.map(({ engine, tool, state }) =>
    `Cannot set up ${engine.title}: it takes ${tool.title} (${state}).\n` +
    `  Debian: ${tool.debian}\n` +
    `  macOS:  ${tool.macos}\n` +
    `  or set ${engine.addressVariable} to the address of one that runs already`
  );
  return [...lines, "Or run everything in containers: deploy/README.md says how (docker compose)"]
    .join("\n");
}
