import assert from "node:assert/strict";
import { readClientSettings, readEnvironment, readStackSettings } from "./config.ts";

Deno.test("without any variable all is started here, on the usual ports", () => {
  const settings = readStackSettings({});
  assert.deepEqual(settings.TURNLOG_ROLES, ["api", "worker", "ingest"]);
  assert.equal(settings.TURNLOG_PORT, 8000);
  assert.equal(settings.TURNLOG_TEMPORAL_UI_PORT, 8233);
  assert.equal(settings.KAFKA_BROKERS, undefined);
  assert.ok(settings.TURNLOG_DATA.endsWith("/.turnlog"));
});

Deno.test("paths are made absolute, since processes run in other folders", () => {
  assert.equal(readStackSettings({ TURNLOG_DATA: "data" }).TURNLOG_DATA, `${Deno.cwd()}/data`);
  assert.equal(readStackSettings({ TURNLOG_CACHE: "/var/c" }).TURNLOG_CACHE, "/var/c");
});

Deno.test("what cannot be used is told by its variable", () => {
  assert.throws(() => readStackSettings({ TURNLOG_PORT: "80000" }), /TURNLOG_PORT.*1 to 65535/);
  assert.throws(
    () => readStackSettings({ TURNLOG_ROLES: "api,web" }),
    /TURNLOG_ROLES.*api, worker/,
  );
  assert.throws(() => readStackSettings({ TURNLOG_RELEASES: "ftp://x" }), /TURNLOG_RELEASES/);
});

Deno.test("some roles can be chosen, and an address replaces an engine", () => {
  const settings = readStackSettings({ TURNLOG_ROLES: "api, worker", KAFKA_BROKERS: "a:1, b:2" });
  assert.deepEqual(settings.TURNLOG_ROLES, ["api", "worker"]);
  assert.deepEqual(settings.KAFKA_BROKERS, ["a:1", "b:2"]);
});

Deno.test(".env adds to the environment, which wins over it, and a flag wins over both", () => {
  const before = Deno.cwd();
  const folder = Deno.makeTempDirSync();
  Deno.chdir(folder);
  Deno.env.set("TURNLOG_TEST_SET", "by the environment");
  try {
    Deno.writeTextFileSync(
      ".env",
      "# a comment\nTURNLOG_TEST_SET=by the file\nVLLM_URL=http://gpu:8000\nTURNLOG_PORT=1\n",
    );
    const environment = readEnvironment({ port: "2", data: undefined });
    assert.equal(environment.TURNLOG_TEST_SET, "by the environment");
    assert.equal(environment.VLLM_URL, "http://gpu:8000");
    assert.equal(environment.TURNLOG_PORT, "2");
    Deno.removeSync(".env");
    assert.equal(readEnvironment().VLLM_URL, Deno.env.get("VLLM_URL"));
  } finally {
    Deno.env.delete("TURNLOG_TEST_SET");
    Deno.chdir(before);
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a script finds the app at its address, or at its host and port", () => {
  const urlOf = (environment: Record<string, string>) => readClientSettings(environment).url;
  assert.equal(urlOf({}), "http://127.0.0.1:8000");
  assert.equal(urlOf({ TURNLOG_HOST: "0.0.0.0", TURNLOG_PORT: "81" }), "http://127.0.0.1:81");
  assert.equal(
    urlOf({ TURNLOG_URL: "https://chat.example/", TURNLOG_PORT: "81" }),
    "https://chat.example",
  );
  assert.throws(() => urlOf({ TURNLOG_URL: "chat.example" }), /TURNLOG_URL/);
});
