import assert from "node:assert/strict";
import { ConfigError, parseConfig, readConfigFile } from "./config_file.ts";

const smallest = `
providers:
  simulated: { kind: simulated }
models:
  demo: { provider: simulated }
routes:
  default: { candidates: [demo] }
`;

function mistakesOf(text: string): string {
  try {
    parseConfig(text, "turnlog.yaml");
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.message;
  }
  throw new assert.AssertionError({ message: "The file was accepted" });
}

Deno.test("the file that ships can be used", async () => {
  const path = new URL("../deploy/turnlog.yaml", import.meta.url).pathname;
  const config = await readConfigFile(path);
  assert.equal(config.routes.default.whenNoneConfigured, "demo");
});

Deno.test("the experiment that ships to be tried answers nobody who asks a real model", async () => {
  const shipped = await Deno.readTextFile(new URL("../deploy/turnlog.yaml", import.meta.url));
  const example = shipped.slice(shipped.indexOf("# experiments:")).replaceAll(/^# ?/gm, "");
  const { experiments, models } = parseConfig(shipped + example, "turnlog.yaml");
  const { route, variants } = experiments.brevity;
  const asked = [
    route,
    ...Object.values(variants).flatMap(({ overrides }) => overrides.model ?? []),
  ];
  assert.deepEqual(asked, ["demo", "demo-brief"]);
  assert(asked.every((name) => models[name].provider === "simulated"));
});

Deno.test("what a price does not say is that it has no version, not that there is none", () => {
  const priced = smallest.replace(
    "simulated }\nroutes",
    "simulated, price: { input: 0, output: 0 } }\nroutes",
  );
  assert.equal(parseConfig(priced, "turnlog.yaml").models.demo.price?.version, "unstated");
});

Deno.test("what a route does not say has a default", () => {
  const { routes } = parseConfig(smallest, "turnlog.yaml");
  assert.deepEqual(routes.default.timeouts, {
    firstTokenMs: 15_000,
    idleMs: 20_000,
    totalMs: 300_000,
  });
  assert.equal(routes.default.retry.attempts, 2);
  assert.equal(routes.default.onExhausted, "fail");
});

Deno.test("a mistake is told with its line and what may stand there", () => {
  assert.match(
    mistakesOf(smallest.replace("kind: simulated", "kind: simulation")),
    /line 3: providers\.simulated\.kind: .*"openai"\|"anthropic"\|"simulated"/,
  );
  assert.match(
    mistakesOf(smallest.replace("[demo]", "[demo, lama]")),
    /line 7: routes\.default\.candidates\.1: there is no model lama; the file has: demo/,
  );
});

Deno.test("a model that cannot continue natively is not told to", () => {
  const file = (kind: string) =>
    smallest.replace("kind: simulated", `kind: ${kind}`).replace(
      "{ provider: simulated }",
      "{ provider: simulated, continuation: native }",
    );
  assert.match(
    mistakesOf(file("anthropic")),
    /models.demo.continuation: .* use instruct or restart/,
  );
  assert.equal(parseConfig(file("openai"), "f").models.demo.continuation, "native");
});

Deno.test("all mistakes of all kinds are told at once, each with its own line", () => {
  const mistakes = mistakesOf(`
providers:
  simulated: { kind: simulation, serve: { command: [vllm] } }
  local: { kind: openai, apiKey: "env:KEY", sleep: { afterIdleMs: 1 } }
models:
  demo:
    provider: nobody
    contextTokens: many
  empty:
routes:
  default:
    candidates: [demo, lama, 7]
    timeouts:
      idleMs: 0
    retires: 3
    whenNoneConfigured: nothing
  demo: { candidates: [] }
experiments:
  tone:
    route: defualt
    goal: happiness
    guardrails: [cost_per_turn]
    variants:
      control: { weight: 1, overrides: { model: lama } }
`);
  const expected: [number, RegExp][] = [
    [3, /providers\.simulated\.kind: .*"openai"\|"anthropic"\|"simulated"/],
    [3, /providers\.simulated\.serve: the provider must name the baseUrl/],
    [4, /providers\.local\.sleep\.afterIdleMs: must be a second at least/],
    [4, /providers\.local\.sleep: only a vLLM server can do this/],
    [7, /models\.demo\.provider: there is no provider nobody; the file has: simulated, local/],
    [8, /models\.demo\.contextTokens: .*expected number, received string/],
    [9, /models\.empty: .*expected object, received null/],
    [12, /routes\.default\.candidates\.2: .*expected string, received number/],
    [12, /routes\.default\.candidates\.1: there is no model lama; the file has: demo, empty/],
    [14, /routes\.default\.timeouts\.idleMs: .*>=1/],
    [15, /routes\.default\.retires: there is no such setting; there may be candidates, when/],
    [16, /routes\.default\.whenNoneConfigured: there is no model nothing/],
    [17, /routes\.demo\.candidates: .*>=1/],
    [17, /routes\.demo: a model has this name already/],
    [20, /experiments\.tone\.route: there is no route or model defualt/],
    [21, /experiments\.tone\.goal: .*"thumbs_up_rate"/],
    [23, /experiments\.tone\.variants: must be 2 to 10 variants; found 1/],
    [24, /variants\.control\.overrides\.model: there is no model lama/],
  ];
  const told = mistakes.split("\n").slice(1);
  assert.deepEqual(
    told.map((mistake) => Number(mistake.match(/line (\d+)/)![1])),
    expected.map(([line]) => line),
    mistakes,
  );
  expected.forEach(([line, message], index) => {
    assert.match(told[index], message, `${line}: ${mistakes}`);
  });
});

Deno.test("of names in a section that cannot be read nothing is said", () => {
  const mistakes = mistakesOf(smallest.replace("  demo: { provider: simulated }", "  - demo"));
  assert.equal(mistakes.split("\n").length, 2, mistakes);
  assert.match(mistakes, /line 4: models: .*expected record, received array/);
});

Deno.test("what is missing is told with what is wanted", () => {
  assert.match(
    mistakesOf(smallest.replace("provider: simulated }", "}")),
    /line 5: models\.demo\.provider: is missing: expected string/,
  );
});

Deno.test("an unknown setting is a mistake, not ignored", () => {
  assert.match(mistakesOf(smallest.replace("[demo] }", "[demo], retires: 3 }")), /retires/);
});

Deno.test("what is no YAML is told with its line", () => {
  assert.match(mistakesOf("providers: {\n  a: ["), /line \d/);
});

Deno.test("a key in the file itself is refused", () => {
  const message = mistakesOf(
    smallest.replace("{ kind: simulated }", '{ kind: openai, apiKey: "sk-123" }'),
  );
  assert.match(message, /env:NAME/);
  assert.doesNotMatch(message, /sk-123/);
});

Deno.test("a managed server says how it is started, when it sleeps, and which adapters it has", () => {
  const managed = (fields: string) =>
    smallest.replace("models:", `  local: { kind: openai, ${fields} }\nmodels:`);
  const { providers } = parseConfig(
    managed(
      "baseUrl: http://127.0.0.1:8101, vllm: true, sleep: { afterIdleMs: 60000 }, " +
        "adapters: { poet: /adapters/poet }, serve: { command: [vllm, serve, tiny] }",
    ),
    "turnlog.yaml",
  );
  assert.deepEqual(providers.local.sleep, { afterIdleMs: 60_000, level: 1 });
  assert.equal(providers.local.serve?.readyWithinMs, 600_000);
  const cases: [string, RegExp][] = [
    ["sleep: { afterIdleMs: 60000 }", /local.sleep: only a vLLM server .* vllm: true/],
    ["adapters: { poet: /p }", /local.adapters: only a vLLM server/],
    ["vllm: true, sleep: { afterIdleMs: 5 }", /sleep.afterIdleMs: must be a second at least/],
    ["vllm: true, sleep: { afterIdleMs: 5000, level: 3 }", /sleep.level: must be 1, or 2/],
    ["serve: { command: [vllm] }", /local.serve: the provider must name the baseUrl/],
    ["baseUrl: http://a, serve: { command: vllm serve }", /serve.command: .*array/],
  ];
  for (const [fields, message] of cases) assert.match(mistakesOf(managed(fields)), message);
});

Deno.test("a file that is no text is refused as such", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array([0x50, 0xff, 0xfe, 0x00]));
  await assert.rejects(readConfigFile(path), /it is no text in UTF-8\. TURNLOG_CONFIG/);
  await Deno.remove(path);
});

Deno.test("of a file that is no YAML nothing is printed that a terminal would obey", () => {
  const bytes = Uint8Array.from({ length: 4000 }, (_, index) => (index * 7919) % 256);
  const mistakes = mistakesOf(new TextDecoder().decode(bytes));
  // deno-lint-ignore no-control-regex -- they are what must not be there
  assert.doesNotMatch(mistakes.replaceAll("\n", ""), /[\x00-\x1f\x7f-\x9f\ufffd]/);
  assert.ok(mistakes.split("\n").length <= 6, mistakes);
});
