/** The image's Dockerfile, as far as the tests look into it. */

export interface Stage {
  /** Instruction → what stands behind it, in order. */
  instructions: { name: string; value: string }[];
}

/** @returns The stages in order; the last one is the image. */
export function readDockerfile(text: string): Stage[] {
  const lines = text.replace(/^\s*#.*\n/gm, "").replace(/\\\n/g, " ").split("\n");
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name, value] = /^([A-Z]+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (name === "FROM") stages.push({ instructions: [] });
    stages.at(-1)?.instructions.push({ name, value });
  }
  return stages;
}

export function valuesOf(stage: Stage, instruction: string): string[] {
  return stage.instructions
    .filter(({ name }) => name === instruction)
    .map(({ value }) => value);
}

/** @returns The variables that a stage sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = valuesOf(stage, "ENV").flatMap((value) => value.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => {
    const middle = pair.indexOf("=");
    return [pair.slice(0, middle), pair.slice(middle + 1)];
  }));
}

/** @returns Those files of the build context that a stage copies. Each keeps its path, which is required of COPY. */
export function copiedFiles(stage: Stage, context: string[]): string[] {
  const sources = valuesOf(stage, "COPY").flatMap((value) => {
    const words = value.split(/\s+/);
    if (words.some((word) => word.startsWith("--from="))) return [];
    const paths = words.filter((word) => !word.startsWith("--"));
    const target = paths.pop()!;
    if (target !== "./" && !(paths.length === 1 && paths[0] === target)) {
      throw new Error(`Cannot follow COPY ${value}: it gives files another path`);
    }
    return paths;
  });
  return context.filter((file) =>
    sources.some((source) => file === source || file.startsWith(`${source}/`))
  );
}
