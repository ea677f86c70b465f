import assert from "node:assert/strict";
import { fillOnce, isFilled } from "./cache.ts";

async function inFolder(test: (path: string) => Promise<void>): Promise<void> {
  const path = Deno.makeTempDirSync();
  try {
    await test(path);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

const { signal } = new AbortController();

function writeTool(folder: string): Promise<void> {
  Deno.writeTextFileSync(`${folder}/tool`, "a tool");
  return Promise.resolve();
}

Deno.test("a folder is filled once, however many want it", () =>
  inFolder(async (cache) => {
    const folder = `${cache}/tool-1`;
    let fills = 0;
    let waits = 0;
    const began = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const options = {
      folder,
      signal,
      async fill(unfinished: string) {
        fills++;
        began.resolve();
        await mayEnd.promise;
        await writeTool(unfinished);
      },
      onWait() {
        waits++;
        mayEnd.resolve();
      },
    };
    const first = fillOnce(options);
    await began.promise;
    assert.equal(isFilled(folder), false);
    await Promise.all([first, fillOnce(options)]);
    await fillOnce(options);
    assert.equal(fills, 1);
    assert.ok(waits > 0);
    assert.equal(Deno.readTextFileSync(`${folder}/tool`), "a tool");
  }));

Deno.test("a fill that fails leaves nothing, and the next one succeeds", () =>
  inFolder(async (cache) => {
    const folder = `${cache}/tool-1`;
    const fail = () => Promise.reject(new Error("no network"));
    await assert.rejects(
      () => fillOnce({ folder, fill: fail, onWait() {}, signal }),
      /no network/,
    );
    assert.deepEqual([...Deno.readDirSync(cache)].map(({ name }) => name), ["tool-1.lock"]);
    await fillOnce({ folder, fill: writeTool, onWait() {}, signal });
    assert.ok(isFilled(folder));
  }));

Deno.test("what a killed fill left is no tool, and is removed by the next one", () =>
  inFolder(async (cache) => {
    const folder = `${cache}/tool-1`;
    Deno.mkdirSync(`${folder}.of-a-killed-one.unfinished`);
    assert.equal(isFilled(folder), false);
    await fillOnce({ folder, fill: writeTool, onWait() {}, signal });
    assert.deepEqual([...Deno.readDirSync(cache)].map(({ name }) => name).sort(), [
      "tool-1",
      "tool-1.lock",
    ]);
  }));

Deno.test("waiting for another one's fill can be given up", () =>
  inFolder(async (cache) => {
    const folder = `${cache}/tool-1`;
    const began = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const first = fillOnce({
      folder,
      async fill() {
        began.resolve();
        await mayEnd.promise;
      },
      onWait() {},
      signal,
    });
    await began.promise;
    const giveUp = new AbortController();
    await assert.rejects(() =>
      fillOnce({
        folder,
        fill: writeTool,
        onWait: () => giveUp.abort(new Error("given up")),
        signal: giveUp.signal,
      }), /given up/);
    mayEnd.resolve();
    await first;
  }));
