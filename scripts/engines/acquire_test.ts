import assert from "node:assert/strict";
import { silentOutput } from "../output.ts";
import { acquire, checkTools, chooseWay, ToolsMissingError } from "./acquire.ts";
import type { Engine, Install } from "./engine.ts";
import type { Tool } from "./tools.ts";

async function inCache(test: (cache: string) => Promise<void>): Promise<void> {
  const cache = Deno.makeTempDirSync();
  try {
    await test(cache);
  } finally {
    Deno.removeSync(cache, { recursive: true });
  }
}

function tool(title: string, state: string | null): Tool {
  return {
    title,
    missing: () => Promise.resolve(state),
    debian: `apt-get install ${title}`,
    macos: `brew install ${title}`,
  };
}

function install(doing: string, rest: Partial<Install<string>> = {}): Install<string> {
  return {
    folder: "engine-1",
    version: "1",
    doing,
    usually: "a moment",
    needs: [],
    isReachable: () => Promise.resolve(true),
    fill(folder) {
      Deno.writeTextFileSync(`${folder}/how`, doing);
      return Promise.resolve();
    },
    place: (folder) => folder,
    ...rest,
  };
}

function engine(installs: Install<string>[], rest: Partial<Engine<string>> = {}): Engine<string> {
  return {
    title: "Engine",
    addressVariable: "ENGINE_ADDRESS",
    needs: [],
    findInstalled: () => Promise.resolve(null),
    installs,
    ...rest,
  };
}

/** @returns How the engine was got, and what was said on the way. */
async function get(engine: Engine<string>, cache: string) {
  const way = await chooseWay(engine, cache);
  await checkTools([{ engine, way }]);
  const said: string[] = [];
  const { place, description } = await acquire({
    engine,
    way,
    cache,
    step: silentOutput.step(""),
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  });
  const how = way.kind === "found" ? description : Deno.readTextFileSync(`${place}/how`);
  return { how, said };
}

const broken = install("downloading", {
  fill: () => Promise.reject(new Error("Cannot use the archive: its SHA-256 is another one")),
});

Deno.test("one that is installed comes before the cache", () =>
  inCache(async (cache) => {
    Deno.mkdirSync(`${cache}/engine-1`);
    const installed = { place: "/usr/bin/engine", description: "2 on PATH" };
    const found = engine([install("downloading")], {
      findInstalled: () => Promise.resolve(installed),
    });
    assert.equal((await get(found, cache)).how, "2 on PATH");
  }));

Deno.test("one in the cache is used without asking anyone", () =>
  inCache(async (cache) => {
    Deno.mkdirSync(`${cache}/engine-1`);
    const unreachable = install("downloading", { isReachable: assert.fail, fill: assert.fail });
    assert.equal((await get(engine([unreachable]), cache)).how, "1 from the cache");
  }));

Deno.test("the first way that can be reached is taken", () =>
  inCache(async (cache) => {
    const away = install("downloading", { isReachable: () => Promise.resolve(false) });
    const { how, said } = await get(engine([away, install("building")]), cache);
    assert.equal(how, "building");
    assert.deepEqual(said, []);
  }));

Deno.test("a way that fails is told, and the next one is taken", () =>
  inCache(async (cache) => {
    const { how, said } = await get(engine([broken, install("building")]), cache);
    assert.equal(how, "building");
    assert.deepEqual(said, [
      "Cannot use the archive: its SHA-256 is another one. Trying another way.",
    ]);
  }));

Deno.test("when all ways fail, the error tells each reason", () =>
  inCache(async (cache) => {
    const alsoBroken = install("building", { fill: () => Promise.reject(new Error("no space")) });
    await assert.rejects(
      () => get(engine([broken, alsoBroken]), cache),
      /Cannot get Engine[\s\S]*another one[\s\S]*no space/,
    );
  }));

Deno.test("all that is missing is told at once, with the ways out, before anything is got", () =>
  inCache(async (cache) => {
    const first = engine([install("building", { needs: [tool("Go", "found 1.19")] })]);
    const second = engine([install("collecting", { needs: [tool("Maven", "not found")] })], {
      title: "Kafka",
      addressVariable: "KAFKA_BROKERS",
      needs: [tool("Java", "not found")],
    });
    const chosen = await Promise.all([first, second].map(async (engine) => ({
      engine,
      way: await chooseWay(engine, cache),
    })));
    await assert.rejects(() => checkTools(chosen), (error: Error) => {
      assert.ok(error instanceof ToolsMissingError);
      const parts = ["Go (found 1.19)", "ENGINE_ADDRESS", "Java", "Maven", "KAFKA_BROKERS"];
      for (const part of [...parts, "apt-get install Go", "brew install Java", "docker compose"]) {
        assert.ok(error.message.includes(part), `${part} is not in: ${error.message}`);
      }
      return true;
    });
  }));

Deno.test("a tool that only a later way takes is not asked for", () =>
  inCache(async (cache) => {
    const building = install("building", { needs: [tool("Go", "not found")] });
    assert.equal((await get(engine([install("downloading"), building]), cache)).how, "downloading");
  }));
