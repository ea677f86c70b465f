import assert from "node:assert/strict";
import { DataFolderError, DataFolderInUseError, openDataFolder } from "./data_folder.ts";
import { processIdentity } from "./process_identity.ts";

async function inFolder(test: (path: string) => Promise<void>): Promise<void> {
  const path = Deno.makeTempDirSync();
  try {
    await test(path);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function ignore(_line: string): void {}

Deno.test("a folder that is in use is refused, with the process that uses it", () =>
  inFolder(async (path) => {
    const folder = await openDataFolder(path, ignore);
    await assert.rejects(() => openDataFolder(path, ignore), (error: Error) => {
      assert.ok(error instanceof DataFolderInUseError);
      assert.match(error.message, new RegExp(`process ${Deno.pid}\\).*TURNLOG_DATA`));
      return true;
    });
    folder.close();
    (await openDataFolder(path, ignore)).close();
  }));

Deno.test("what a killed start left behind is ended", () =>
  inFolder(async (path) => {
    const left = new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
    const folder = await openDataFolder(path, ignore);
    folder.record([{ name: "kafka", pid: left.pid }]);
    folder.close();

    const lines: string[] = [];
    (await openDataFolder(path, (line) => lines.push(line))).close();
    assert.equal((await left.status).signal, "SIGTERM");
    assert.equal(lines.length, 1);
    assert.match(lines[0], new RegExp(`kafka \\(process ${left.pid}\\)`));
  }));

Deno.test("a stranger that has the number of a process that ended is left alone", () =>
  inFolder(async (path) => {
    const stranger = new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
    const folder = await openDataFolder(path, ignore);
    folder.close();
    Deno.writeTextFileSync(
      `${folder.runFolder}/processes.json`,
      JSON.stringify([{ name: "kafka", pid: stranger.pid, identity: "of another boot" }]),
    );
    (await openDataFolder(path, assert.fail)).close();
    assert.notEqual(processIdentity(stranger.pid), null);
    stranger.kill();
    await stranger.status;
  }));

Deno.test("a file in the place of the folder is refused, with what to do about it", () =>
  inFolder(async (path) => {
    Deno.writeTextFileSync(`${path}/file`, "");
    await assert.rejects(() => openDataFolder(`${path}/file`, ignore), (error: Error) => {
      assert.ok(error instanceof DataFolderError);
      assert.match(error.message, /Cannot use the data folder .*file: .*--data or TURNLOG_DATA/);
      return true;
    });
  }));
