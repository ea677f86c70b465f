/** What the ways to get an engine depend on. */

export interface EngineSources {
  /** Another web folder to take release archives from, `none` for no archives; their vendors' where undefined. */
  releases: string | undefined;
  /** The environment of whoever starts, for the tools that build and install. */
  environment: Record<string, string>;
}

/** What every program may know: where programs and files are and how people write. Nothing of it is secret. */
const baseVariables = [
  ...["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"],
  ...["JAVA_HOME", "DENO_DIR", "XDG_CACHE_HOME"],
];

/** @returns The part of the environment that an engine gets: neither keys nor settings meant for others. */
export function baseEnvironment(environment: Record<string, string>): Record<string, string> {
  return pick(environment, baseVariables);
}

/** @returns Those of the variables that are set. */
export function pick(environment: Record<string, string>, names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => names.includes(name)));
}
