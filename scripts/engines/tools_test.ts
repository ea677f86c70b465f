import assert from "node:assert/strict";
import { isAtLeast, java, javaCommand, versionIn } from "./tools.ts";

Deno.test("versions are read from what tools print", () => {
  assert.deepEqual(versionIn("go version go1.26.8 linux/amd64", /go(\d+)\.(\d+)/), [1, 26]);
  assert.deepEqual(versionIn('openjdk version "17.0.15" 2025-04-15', /version "(\d+)/), [17]);
  assert.equal(versionIn("something else", /version "(\d+)/), null);
  assert.equal(versionIn(null, /version "(\d+)/), null);
});

Deno.test("versions are compared part by part", () => {
  assert.ok(isAtLeast([1, 25], [1, 25]));
  assert.ok(isAtLeast([2, 0], [1, 25]));
  assert.ok(!isAtLeast([1, 24], [1, 25]));
  assert.ok(isAtLeast([17], [17]));
  assert.ok(!isAtLeast([25], [25, 8]));
});

Deno.test("a tool that is too old is told with what was found", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const old = `${folder}/java`;
    Deno.writeTextFileSync(old, `#!/bin/sh\necho 'openjdk version "11.0.2"' >&2\n`, {
      mode: 0o755,
    });
    assert.equal(await java(old).missing(), "found 11");
    assert.equal(await java(`${folder}/none`).missing(), "not found");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("JAVA_HOME says which Java runs", () => {
  assert.equal(javaCommand({ JAVA_HOME: "/opt/java" }), "/opt/java/bin/java");
  assert.equal(javaCommand({}), "java");
});
