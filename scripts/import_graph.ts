/** Who imports whom in the project, as Deno sees it. */
import { fileURLToPath, pathToFileURL } from "node:url";

export interface ImportGraph {
  /** The project's files by path, relative to its folder, each with its code, without comments. */
  code: Map<string, string>;
  imports: Import[];
}

export interface Import {
  from: string;
  /** A file of the project by its path; else a package's name, such as `zod`, or `node:fs`. */
  to: string;
  isTypeOnly: boolean;
}

/**
 * @param root The project's folder.
 * @param files The paths of its files, relative to it.
 * @throws Error where Deno cannot read a file's imports.
 */
export async function readImportGraph(root: string, files: string[]): Promise<ImportGraph> {
  const { modules } = await denoInfo(root, files);
  const pathOf = (specifier: string) => relativePath(root, specifier);
  const broken = modules.find(({ error }) => error !== undefined);
  if (broken) throw new Error(`Cannot read the imports of ${broken.specifier}: ${broken.error}`);
  const wanted = new Set(files);
  return {
    code: new Map(files.map((file) => [
      file,
      withoutComments(Deno.readTextFileSync(`${root}/${file}`)),
    ])),
    imports: modules
      .filter(({ specifier }) => wanted.has(pathOf(specifier)))
      .flatMap(({ specifier, dependencies = [] }) =>
        dependencies.map((dependency) => ({
          from: pathOf(specifier),
          to: pathOf((dependency.code ?? dependency.type)?.specifier ?? dependency.specifier),
          isTypeOnly: dependency.code === undefined,
        }))
      ),
  };
}

/** What `deno info --json` prints, as far as it is used. */
interface DenoInfo {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: {
      specifier: string;
      code?: { specifier?: string };
      type?: { specifier?: string };
    }[];
  }[];
}

/** It takes one file, so it gets one that imports all. */
async function denoInfo(root: string, files: string[]): Promise<DenoInfo> {
  const folder = Deno.makeTempDirSync();
  try {
    const entry = `${folder}/all.ts`;
    const imports = files.map((file) => `import "${pathToFileURL(`${root}/${file}`)}";\n`);
    Deno.writeTextFileSync(entry, imports.join(""));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", `${root}/deno.json`, entry],
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`Cannot read the imports: ${decoder.decode(stderr)}`);
    return JSON.parse(decoder.decode(stdout));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function relativePath(root: string, specifier: string): string {
  const base = `${pathToFileURL(root)}/`;
  if (specifier.startsWith(base)) return fileURLToPath(specifier).slice(root.length + 1);
  // npm:/@scope/name@1.2.3/path → @scope/name
  return specifier.replace(/^npm:\/?(@[^/]+\/[^@/]+|[^@/]+).*$/, "$1");
}

/** Good enough to look for names: a `//` inside a string loses what follows it on its line. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}
