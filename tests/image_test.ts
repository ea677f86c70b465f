/** What `deploy/Dockerfile` puts into the image: all that its processes load and read, and nothing that is private. */
import assert from "node:assert/strict";
import { readImportGraph } from "../scripts/import_graph.ts";
import { sourceFiles } from "../scripts/source_files.ts";
import { needsComposeTools, readBuildContext, readComposeFile } from "./support/compose_tools.ts";
import { copiedFiles, readDockerfile, type Stage, valuesOf } from "./support/dockerfile.ts";

const root = Deno.cwd();
const [build, image] = readDockerfile(Deno.readTextFileSync("deploy/Dockerfile"));
/** What operators run in the image beside its processes. */
const operatorCommands = ["scripts/rebuild.ts", "scripts/replay_dead_letters.ts"];
const bundled = ["workflows/bundle.ts", "workflows/workflows.ts"];

const options = await needsComposeTools();
let context: string[];
let graph: Awaited<ReturnType<typeof readImportGraph>>;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  context = await readBuildContext(".");
  graph = await readImportGraph(root, sourceFiles(root));
});

Deno.test(
  "each command of Compose and of operators is an entry file, and all that it loads is in the image",
  options,
  async () => {
    const commands = await allCommands();
    assert.ok(commands.length >= 6);
    for (const command of commands) {
      assert.match(graph.code.get(command) ?? "", /import\.meta\.main/, `${command} is no entry`);
      assert.deepEqual(missingIn(image, loadedBy([command])), [], command);
    }
    assert.match(valuesOf(image, "ENTRYPOINT")[0], /"deno", "run"/);
  },
);

Deno.test("all that the bundle is made of is there when it is made", options, () => {
  assert.deepEqual(missingIn(build, loadedBy(bundled)), []);
});

Deno.test("all that the processes read beside their code is in the image", options, async () => {
  const files = loadedBy(await allCommands());
  const read = files.flatMap((file) =>
    [...graph.code.get(file)!.matchAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g)]
      .map(([, path]) => new URL(path, `file:///${file}`).pathname.slice(1))
  ).filter((path) => path !== "" && !path.startsWith("node_modules/"));
  // What the api serves to the browser.
  read.push("web/", "events/contract/", "deploy/turnlog.yaml");
  assert.ok(read.includes("analytics/views/") && read.includes("analytics/migrations/"));
  const there = copiedFiles(image, context);
  for (const path of read) {
    const wanted = path.endsWith("/") ? filesBelow(path) : [path];
    assert.ok(wanted.length > 0, path);
    assert.deepEqual(wanted.filter((file) => !there.includes(file)), [], path);
  }
});

Deno.test("no package that the processes load is left out of the image", options, async () => {
  const [install] = valuesOf(build, "RUN").filter((command) => command.startsWith("deno install"));
  const removed = /rm -r (\S+)/.exec(install)![1];
  const loaded = loadedBy([...await allCommands(), ...bundled]);
  const packages = graph.imports.filter(({ from }) => loaded.includes(from)).map(({ to }) => to);
  assert.ok(packages.includes("hono"));
  assert.ok(!packages.includes(removed), `${removed} is removed, but loaded`);
  const served: string[] = Object.values(JSON.parse(Deno.readTextFileSync("web/vendor.json")));
  const [, folder, kept] = /(lucide-static) .*?! -name (\w+) /.exec(install)!;
  const ofFolder = served.filter((file) => file.startsWith(`${folder}/`));
  assert.ok(ofFolder.length > 0);
  assert.deepEqual(ofFolder.filter((file) => !file.startsWith(`${folder}/${kept}/`)), []);
  assert.deepEqual(served.filter((file) => file.startsWith(`${removed}/`)), []);
});

Deno.test("neither data nor keys nor tests reach the builder", options, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const secret = [".env", ".env.local", ".turnlog/turnlog.db", "node_modules/zod/index.js"];
    const other = [".git/config", "api/app_test.ts", "deploy/.env", "tests/compose_test.ts"];
    for (const file of [...secret, ...other, "api/app.ts"]) {
      await Deno.mkdir(`${folder}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${file}`, "");
    }
    await Deno.copyFile(".dockerignore", `${folder}/.dockerignore`);
    assert.deepEqual(await readBuildContext(folder), ["api/app.ts"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function allCommands(): Promise<string[]> {
  return [...await commandsOfCompose(), ...operatorCommands];
}

async function commandsOfCompose(): Promise<string[]> {
  const passwords = [
    "CLICKHOUSE_PASSWORD",
    "CLICKHOUSE_READER_PASSWORD",
    "TEMPORAL_POSTGRES_PASSWORD",
  ];
  const variables = Object.fromEntries(passwords.map((name) => [name, "a"]));
  const { services } = await readComposeFile("docker-compose.yml", variables);
  return Object.values(services)
    .filter(({ image }) => image === "turnlog:local")
    .map(({ command }) => command!.join(" "));
}

/** @returns These files, and all of ours that are loaded with them. */
function loadedBy(entries: string[]): string[] {
  const loaded = new Set(entries);
  for (const file of loaded) {
    for (const { from, to, isTypeOnly } of graph.imports) {
      if (from === file && !isTypeOnly && graph.code.has(to)) loaded.add(to);
    }
  }
  return [...loaded];
}

function missingIn(stage: Stage, files: string[]): string[] {
  const there = copiedFiles(stage, context);
  return files.filter((file) => !there.includes(file));
}

/** @returns What lies in a folder, tests and what only they read aside. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}${name}/`) : [`${folder}${name}`]
  ).filter((file) => !file.endsWith("_test.ts"));
}
