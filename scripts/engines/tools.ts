/** The tools that engines are built with or run on: whether they are there, and how to get them. */
import { outputOf } from "../run_command.ts";

export interface Tool {
  /** With the version that is needed, such as "Go 1.25 or newer". */
  title: string;
  /** @returns Null where it is there, else what was found instead, such as "found 1.19". */
  missing(): Promise<string | null>;
  debian: string;
  macos: string;
}

export const go: Tool = {
  title: "Go 1.25 or newer",
  missing: () => missing("go", ["version"], /go(\d+)\.(\d+)/, [1, 25]),
  debian: "golang-go where it is that new, else https://go.dev/dl",
  macos: "brew install go",
};

/** @param command As {@linkcode javaCommand} answers it. */
export function java(command: string): Tool {
  return {
    title: "Java 17 or newer",
    missing: () => missing(command, ["-version"], /version "(\d+)/, [17]),
    debian: "apt-get install openjdk-17-jre-headless",
    macos: "brew install openjdk",
  };
}

/** @returns The Java to run: that of JAVA_HOME, as everywhere, else the one on PATH. */
export function javaCommand(environment: Record<string, string>): string {
  return environment.JAVA_HOME ? `${environment.JAVA_HOME}/bin/java` : "java";
}

export const maven: Tool = {
  title: "Maven",
  missing: () => missing("mvn", ["-version"], /Apache Maven (\d+)/, [3]),
  debian: "apt-get install maven",
  macos: "brew install maven",
};

export const npm: Tool = {
  title: "npm",
  missing: () => missing("npm", ["--version"], /^(\d+)/, [7]),
  debian: "apt-get install npm",
  macos: "brew install node",
};

async function missing(
  command: string,
  args: string[],
  pattern: RegExp,
  atLeast: number[],
): Promise<string | null> {
  const version = versionIn(await outputOf(command, args), pattern);
  if (version === null) return "not found";
  return isAtLeast(version, atLeast) ? null : `found ${version.join(".")}`;
}

/** @returns The numbers that the pattern's groups find in a command's output; null where they are not there. */
export function versionIn(output: string | null, pattern: RegExp): number[] | null {
  const match = output?.match(pattern);
  return match ? match.slice(1).map(Number) : null;
}

export function isAtLeast(version: number[], wanted: number[]): boolean {
  for (const [index, number] of wanted.entries()) {
    if (version[index] !== number) return (version[index] ?? 0) > number;
  }
  return true;
}
