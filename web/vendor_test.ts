import assert from "node:assert/strict";

const web = new URL("./", import.meta.url);
const vendor: Record<string, string> = JSON.parse(read("vendor.json"));
const page = read("index.html");
const importMap = JSON.parse(/<script type="importmap">([^<]*)</.exec(page)![1]);
/** What the packages themselves import. */
const importedByPackages = [
  ...["htm", "@preact/signals-core", "@codemirror/streamparser", "@lezer/common", "@lezer/lr"],
  ...["@marijn/find-cluster-break", "crelt", "style-mod", "w3c-keyname"],
];
const sources = [...files(web)].filter((url) => url.pathname.endsWith(".js")).map((url) =>
  Deno.readTextFileSync(url)
);

Deno.test("every vendored file is there in its package", () => {
  const missing = Object.values(vendor).filter((file) => {
    try {
      return !Deno.statSync(new URL(`../node_modules/${file}`, web)).isFile;
    } catch {
      return true;
    }
  });
  assert.deepEqual(missing, []);
});

Deno.test("the page loads only files that are vendored or ours", () => {
  const addresses = [
    ...Object.values<string>(importMap.imports),
    ...[...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => address),
  ];
  for (const address of addresses) {
    if (address.startsWith("/web/")) assert.ok(Deno.statSync(new URL(address.slice(5), web)));
    else assert.ok(address.slice("/vendor/".length) in vendor, `${address} is not vendored`);
  }
});

Deno.test("every package that a module imports is in the import map, and no other", () => {
  const imported = new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/(?:\bfrom |\bimport\()"([@a-z][^"\s]*)"/g)].map(([, name]) => name)
    ),
  );
  for (const name of importedByPackages) imported.add(name);
  assert.deepEqual([...imported].sort(), Object.keys(importMap.imports).sort());
});

Deno.test("every icon that is shown is vendored, and no other", () => {
  const words = new Set(sources.flatMap((source) => source.match(/"[a-z][a-z0-9-]*"/g) ?? []));
  const unused = icons().filter((name) => !words.has(`"${name}"`) && !/^thumbs-/.test(name));
  assert.deepEqual(unused, []);
  const shown = sources.flatMap((source) =>
    [...source.matchAll(/(?:<\$\{Icon\}\s+name=|\bicon: )"([a-z0-9-]+)"/g)].map(([, name]) => name)
  );
  assert.ok(shown.length > 10);
  assert.deepEqual(shown.filter((name) => !icons().includes(name)), []);
});

function icons() {
  return Object.keys(vendor).flatMap((path) => /^icons\/(.+)\.svg$/.exec(path)?.[1] ?? []);
}

function read(name: string) {
  return Deno.readTextFileSync(new URL(name, web));
}

function* files(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) yield* files(new URL(`${entry.name}/`, folder));
    else yield new URL(entry.name, folder);
  }
}
