/**
 * `deno task check-imports`: holds the code to the design's table of folders: who may import whom, what the contract
 * and the workflow may use, and that only `config.ts` files read the environment.
 */
import { fileURLToPath } from "node:url";
import { type Import, type ImportGraph, readImportGraph } from "./import_graph.ts";
import { sourceFiles } from "./source_files.ts";
import { parseFlags, runTask } from "./task.ts";

/** Folder → what it may import of ours, as beginnings of paths. Tests may import anything, so they are not here. */
const mayImport: Record<string, string[]> = {
  events: [],
  api: ["events/"],
  workflows: ["events/"],
  analytics: ["events/"],
  web: ["events/contract/"],
  scripts: ["events/", "api/", "workflows/", "analytics/", "web/"],
  tests: ["events/", "api/", "workflows/", "analytics/", "web/", "scripts/"],
};

/** A process is put together in its entry, which may reach into one more folder than the rest of its own. */
const entryMayImport: Record<string, string[]> = { "api/main.ts": ["workflows/"] };

const contract = "events/contract/";
const workflowFile = "workflows/workflows.ts";
/** What runs in the workflow's sandbox; the second is what the first is made of. */
const workflowPackages = ["@temporalio/workflow", "@temporalio/common"];

/** @returns Each import and use that breaks a rule, as a sentence; none where all is well. */
export function importProblems(graph: ImportGraph): string[] {
  return [
    ...folderProblems(graph),
    ...cycleProblems(graph),
    ...contractProblems(graph),
    ...workflowProblems(graph),
    ...environmentProblems(graph),
  ];
}

function folderProblems(graph: ImportGraph): string[] {
  return ownImports(graph).flatMap(({ from, to }) => {
    const folder = folderOf(from);
    if (folder === folderOf(to)) return [];
    const allowed = mayImport[folder];
    if (allowed === undefined) {
      return [`${from}: the folder ${folder} is not in the design's table`];
    }
    const allowedHere = [...allowed, ...(entryMayImport[from] ?? [])];
    if (allowedHere.some((beginning) => to.startsWith(beginning))) return [];
    const may = allowed.length === 0 ? "nothing of ours" : `only ${allowed.join(", ")}`;
    return [`${from} imports ${to}: ${folder}/ may import ${may}`];
  });
}

/** A module that needs itself, by whatever way. Types need nothing at run time, but are just as hard to untangle. */
function cycleProblems(graph: ImportGraph): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of ownImports(graph)) {
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const problems: string[] = [];
  function visit(file: string, path: string[]): void {
    if (path.includes(file)) {
      problems.push(`A cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
      return;
    }
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  }
  for (const file of targets.keys()) visit(file, []);
  return problems;
}

function contractProblems(graph: ImportGraph): string[] {
  const imports = graph.imports
    .filter(({ from, to }) => isContract(from) && !to.startsWith(contract))
    .map(({ from, to }) => `${from} imports ${to}: the contract is plain code for any browser`);
  const uses = [...graph.code]
    .filter(([file, code]) => isContract(file) && /\bDeno\./.test(code))
    .map(([file]) => `${file} uses Deno: the contract is plain code for any browser`);
  return [...imports, ...uses];
}

function isContract(file: string): boolean {
  return file.startsWith(contract) && !isTest(file);
}

/** Everything that the workflow loads runs in its sandbox, where only what is deterministic may be. */
function workflowProblems(graph: ImportGraph): string[] {
  const loaded = new Set([workflowFile]);
  for (const file of loaded) {
    for (const { from, to, isTypeOnly } of graph.imports) {
      if (from === file && !isTypeOnly && graph.code.has(to)) loaded.add(to);
    }
  }
  return graph.imports
    .filter(({ from, to, isTypeOnly }) => loaded.has(from) && !isTypeOnly && !mayBeInWorkflow(to))
    .map(({ from, to }) => `${from} imports ${to}: ${workflowFile} loads it into its sandbox`);
}

function mayBeInWorkflow(imported: string): boolean {
  return imported.startsWith(contract) || imported.startsWith("workflows/") ||
    workflowPackages.includes(imported);
}

function environmentProblems(graph: ImportGraph): string[] {
  return [...graph.code]
    .filter(([file, code]) => readsEnvironment(code) && !/(^|\/)config\.ts$/.test(file))
    .filter(([file]) => !isTest(file))
    .map(([file]) => `${file} reads the environment: only a config.ts does that`);
}

function readsEnvironment(code: string): boolean {
  return /\bDeno\.env\b|\bprocess\.env\b/.test(code);
}

function ownImports(graph: ImportGraph): Import[] {
  return graph.imports.filter(({ to }) => graph.code.has(to));
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.indexOf("/")));
}

function isTest(file: string): boolean {
  return file.endsWith("_test.ts") || file.startsWith("tests/");
}

async function main(args: string[]): Promise<number> {
  parseFlags({ args });
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const files = sourceFiles(root);
  const problems = importProblems(await readImportGraph(root, files));
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} broken import rules`);
  return problems.length === 0 ? 0 : 1;
}

if (import.meta.main) await runTask({ usage: "usage: deno task check-imports", run: main });
