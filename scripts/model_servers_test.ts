import assert from "node:assert/strict";
import { parseConfig } from "../api/config_file.ts";
import { until } from "./load/until.ts";
import { modelServers } from "./model_servers.ts";
import { checkPorts, freePorts, PortsTakenError } from "./ports.ts";
import { processIdentity } from "./process_identity.ts";
import { Supervisor } from "./supervisor.ts";

/** What stands in for `vllm serve`: a server with a child that outlives it, as vLLM's engine does. */
const serveScript = `
const engine = new Deno.Command("sleep", { args: ["1000"] }).spawn();
console.log("engine " + engine.pid);
Deno.serve({ hostname: "127.0.0.1", port: PORT, onListen() {} }, () => new Response());
`;

/** How long a condition may take to come true. */
const withinMs = 10_000;

function serversAt(port: number) {
  const command = JSON.stringify([
    Deno.execPath(),
    "eval",
    serveScript.replace("PORT", String(port)),
  ]);
  const config = parseConfig(
    `
providers:
  local: { kind: openai, baseUrl: "\${ADDRESS}", vllm: true, serve: { command: ${command}, environment: { DEV: "1" } } }
models:
  local: { provider: local, name: auto }
routes:
  default: { candidates: [local] }
`,
    "turnlog.yaml",
  );
  const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", ADDRESS: `http://127.0.0.1:${port}` };
  return { configured: modelServers(config, environment), unset: modelServers(config, {}) };
}

Deno.test("a model's server is run as a process group, started again, and ended with all that it started", async () => {
  const [port] = freePorts(1);
  const { configured: [{ definition }], unset } = serversAt(port);
  assert.deepEqual(unset, [], "one without an address is not wanted");
  assert.equal(definition.environment.DEV, "1");
  const engines: number[] = [];
  const supervisor = new Supervisor({
    onLine: (_name, line) => {
      if (line.startsWith("engine ")) engines.push(Number(line.slice("engine ".length)));
    },
    onChange() {},
  });
  await supervisor.start(definition);
  const { pid } = supervisor.process("model-local");
  // The server alone, as by the system when memory is short.
  Deno.kill(pid!, "SIGKILL");
  await until("it is started again", withinMs, () => Promise.resolve(engines.length === 2));
  // Nobody waits for a grandchild: it has been killed, and is gone when the system has come to it.
  await until(
    "its engine goes with it",
    withinMs,
    () => Promise.resolve(processIdentity(engines[0]) === null),
  );
  await supervisor.process("model-local").untilReady();
  await supervisor.stop([]);
  await until(
    "the engine goes with the last server",
    withinMs,
    () => Promise.resolve(processIdentity(engines[1]) === null),
  );
});

Deno.test("a server that cannot be run does not end the others, and a stop does not wait for its start", async () => {
  const [port] = freePorts(1);
  const { configured: [{ definition }] } = serversAt(port);
  const supervisor = new Supervisor({ onLine() {}, onChange() {} });
  await assert.rejects(
    supervisor.start({ ...definition, command: "/nowhere/vllm" }),
    /Cannot run model-local: it could not be run/,
  );
  const isAlive = Promise.resolve("the others go on");
  assert.equal(await Promise.race([supervisor.failure, isAlive]), "the others go on");
  const starting = supervisor.start({
    ...definition,
    name: "slow",
    args: ["eval", "setInterval(() => {}, 1000)"],
  });
  await supervisor.stop([]);
  await starting.catch(() => {});
});

Deno.test("a port that is taken is told with the place that names it", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { configured } = serversAt(listener.addr.port);
    assert.throws(
      () => checkPorts(configured.map(({ port }) => port)),
      (error: Error) =>
        error instanceof PortsTakenError &&
        /for the server of local, cannot be used: .* Set providers.local.baseUrl/.test(
          error.message,
        ),
    );
  } finally {
    listener.close();
  }
});
