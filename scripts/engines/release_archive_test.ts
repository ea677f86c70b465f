import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  archiveAddress,
  ChecksumError,
  isReachable,
  type ReleaseArchive,
  unpackArchive,
} from "./release_archive.ts";

/** Serves one archive, made of `tool-1/bin/tool` and `tool-1/README`, as a vendor would. */
async function withRelease(
  test: (release: { archive: ReleaseArchive; address: string; folder: string }) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(`${folder}/in/tool-1/bin`, { recursive: true });
  Deno.mkdirSync(`${folder}/out`);
  Deno.writeTextFileSync(`${folder}/in/tool-1/bin/tool`, "#!/bin/sh\necho works\n", {
    mode: 0o755,
  });
  Deno.writeTextFileSync(`${folder}/in/tool-1/README`, "read me");
  const file = `${folder}/tool-1.tar.gz`;
  const { success } = await new Deno.Command("tar", {
    args: ["-czf", file, "-C", `${folder}/in`, "tool-1"],
  }).output();
  assert.ok(success);
  const bytes = Deno.readFileSync(file);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) =>
      new URL(url).pathname === "/releases/tool-1.tar.gz"
        ? new Response(bytes)
        : new Response("not here", { status: 404 }),
  );
  try {
    const archive = {
      url: "https://vendor.example/download/v1/tool-1.tar.gz",
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
    const address = archiveAddress(archive, `http://127.0.0.1:${server.addr.port}/releases/`);
    assert.notEqual(address, null);
    await test({ archive, address: address!, folder: `${folder}/out` });
  } finally {
    await server.shutdown();
    Deno.removeSync(folder, { recursive: true });
  }
}

const progress = { detail() {}, signal: new AbortController().signal };

Deno.test("an archive with the published checksum is unpacked, as far as it is wanted", () =>
  withRelease(async ({ archive, address, folder }) => {
    assert.equal(await isReachable(address), true);
    const members = ["tool-1/bin/tool"];
    await unpackArchive({ archive, address, folder, members, strip: 2, progress });
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["tool"]);
    const { stdout } = await new Deno.Command(`${folder}/tool`).output();
    assert.equal(new TextDecoder().decode(stdout), "works\n");
  }));

Deno.test("an archive with another checksum is refused, and nothing of it is unpacked", () =>
  withRelease(async ({ archive, address, folder }) => {
    const other = { ...archive, sha256: "0".repeat(64) };
    await assert.rejects(
      () => unpackArchive({ archive: other, address, folder, members: [], strip: 1, progress }),
      (error: Error) => {
        assert.ok(error instanceof ChecksumError);
        assert.match(error.message, new RegExp(`${archive.sha256}.*0{64}`));
        return true;
      },
    );
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["archive.tar.gz"]);
  }));

Deno.test("a server that does not have the archive, or does not answer, is out of reach within seconds", async () => {
  await withRelease(async ({ address }) => {
    assert.equal(await isReachable(address.replace("tool-1", "tool-2")), false);
  });
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const beganAt = Date.now();
  assert.equal(await isReachable(`http://127.0.0.1:${silent.addr.port}/tool-1.tar.gz`), false);
  assert.ok(Date.now() - beganAt < 6000);
  silent.close();
});

Deno.test("archives come from their vendor, from another folder, or not at all", () => {
  const archive = { url: "https://vendor.example/v1/tool-1.tar.gz", sha256: "" };
  assert.equal(archiveAddress(archive, undefined), archive.url);
  assert.equal(archiveAddress(archive, "http://mirror:8/x"), "http://mirror:8/x/tool-1.tar.gz");
  assert.equal(archiveAddress(archive, "none"), null);
});
