/** An engine is got from its vendor's archive or, where that cannot be trusted or reached, from a package registry. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readTestEnvironment } from "../scripts/config.ts";
import { acquire, chooseWay } from "../scripts/engines/acquire.ts";
import type { Engine, Install } from "../scripts/engines/engine.ts";
import { kafkaEngine, type KafkaPlace } from "../scripts/engines/kafka.ts";
import { archiveAddress, isReachable, unpackArchive } from "../scripts/engines/release_archive.ts";
import { silentOutput } from "../scripts/output.ts";
import { freePorts } from "../scripts/ports.ts";
import { outputOf } from "../scripts/run_command.ts";

/** Serves these bytes as whatever archive is asked for, as a mirror would. */
async function withMirror(
  bytes: Uint8Array<ArrayBuffer>,
  test: (address: string, cache: string) => Promise<void>,
): Promise<void> {
  const cache = Deno.makeTempDirSync({ prefix: "turnlog_cache_" });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(bytes),
  );
  try {
    await test(`http://127.0.0.1:${server.addr.port}/releases`, cache);
  } finally {
    await server.shutdown();
    Deno.removeSync(cache, { recursive: true });
  }
}

/** Gets an engine as a start does, but not the one that this machine may have on its PATH. */
async function get<Place>(engine: Engine<Place>, cache: string) {
  const notInstalled = { ...engine, findInstalled: () => Promise.resolve(null) };
  const said: string[] = [];
  const found = await acquire({
    engine: notInstalled,
    way: await chooseWay(notInstalled, cache),
    cache,
    step: silentOutput.step(""),
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  });
  return { place: found.place, said };
}

function kafkaFrom(releases: string): Engine<KafkaPlace> {
  return kafkaEngine({ releases, environment: readTestEnvironment() });
}

function assertHasKafka(place: KafkaPlace): void {
  assert.ok(place.kind === "jars");
  const jars = [...Deno.readDirSync(place.folder)].map(({ name }) => name);
  for (const jar of [/^kafka_2\.13-/, /^kafka-clients-/, /^log4j-core-/]) {
    assert.ok(jars.some((name) => jar.test(name)), jars.join());
  }
}

Deno.test("an archive that is not the published one is refused, and the registry has the engine", () =>
  withMirror(new TextEncoder().encode("not Kafka"), async (mirror, cache) => {
    const { place, said } = await get(kafkaFrom(mirror), cache);
    assert.equal(said.length, 1);
    assert.match(said[0], /kafka_2\.13-.*tgz: its SHA-256 is [0-9a-f]{64}, and the published one/);
    assertHasKafka(place);
    const left = [...Deno.readDirSync(cache)].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.includes("unfinished")), []);
  }));

Deno.test("where archives cannot be reached, the registry is asked without delay", () =>
  withMirror(new Uint8Array(), async (_mirror, cache) => {
    const [closedPort] = freePorts(1);
    const engine = kafkaFrom(`http://127.0.0.1:${closedPort}`);
    const beganAt = Date.now();
    const way = await chooseWay({ ...engine, findInstalled: () => Promise.resolve(null) }, cache);
    assert.ok(Date.now() - beganAt < 2000);
    assert.ok(way.kind === "install");
    assert.deepEqual(way.installs.map(({ doing }) => doing), ["collecting its Maven artifacts"]);
  }));

Deno.test("the published archive is taken, and the registry is not asked", async () => {
  const bytes = await archiveOf("#!/bin/sh\necho works\n");
  await withMirror(bytes, async (mirror, cache) => {
    const archive = {
      url: "https://vendor.example/v1/tool-1.tar.gz",
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
    const address = archiveAddress(archive, mirror)!;
    const release: Install<string> = {
      folder: "tool-1",
      version: "1",
      doing: "downloading its release",
      usually: "a moment",
      needs: [],
      isReachable: () => isReachable(address),
      fill: (folder, progress) =>
        unpackArchive({ archive, address, folder, members: [], strip: 1, progress }),
      place: (folder) => `${folder}/tool`,
    };
    const registry = { ...release, doing: "building it", fill: assert.fail };
    const { place, said } = await get({
      title: "Tool",
      addressVariable: "TOOL_ADDRESS",
      needs: [],
      findInstalled: () => Promise.resolve(null),
      installs: [release, registry],
    }, cache);
    assert.deepEqual(said, []);
    assert.equal(await outputOf(place, []), "works\n");
  });
});

/** @returns A release archive with one program, `tool-1/tool`. */
async function archiveOf(program: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/tool-1`);
    Deno.writeTextFileSync(`${folder}/tool-1/tool`, program, { mode: 0o755 });
    const file = `${folder}/tool-1.tar.gz`;
    assert.notEqual(await outputOf("tar", ["-czf", file, "-C", folder, "tool-1"]), null);
    return Deno.readFileSync(file);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
