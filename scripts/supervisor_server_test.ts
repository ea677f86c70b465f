import assert from "node:assert/strict";
import { parseConfig } from "../api/config_file.ts";
import { withApp } from "../api/temporary_app.ts";
import type { ModelView, ServerView } from "../events/contract/api.ts";
import { until } from "./load/until.ts";
import { ModelServerProcesses } from "./model_server_processes.ts";
import { modelServers } from "./model_servers.ts";
import { freePorts } from "./ports.ts";
import { processIdentity } from "./process_identity.ts";
import { Supervisor } from "./supervisor.ts";
import { serveSupervisor } from "./supervisor_server.ts";

/** What stands in for `vllm serve`: it lists one model. */
const serveScript = `
Deno.serve({ hostname: "127.0.0.1", port: PORT, onListen() {} }, () =>
  Response.json({ data: [{ id: "tiny", owned_by: "someone" }] }));
`;

/** How long a condition may take to come true. */
const withinMs = 10_000;

function commandOf(port: number): string[] {
  const script = serveScript.replace("PORT", String(port));
  return [Deno.execPath(), "eval", script];
}

interface Scene {
  request(path: string, init?: RequestInit): Promise<Response>;
  models(): Promise<ModelView[]>;
  /** What operators asked for. */
  requests(): Promise<unknown[]>;
  pid(): number | undefined;
  lines: string[];
  supervisorUrl: string;
}

/** Runs a test with an app, and the start that runs it as far as that knows. */
async function withServedModel(
  command: (port: number) => string[],
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const [port, otherPort] = freePorts(2);
  const config = await Deno.makeTempFile({ suffix: ".yaml" });
  const text = `
providers:
  served: { kind: openai, baseUrl: "http://127.0.0.1:${port}", serve: { command: ${
    JSON.stringify(command(port))
  } } }
  elsewhere: { kind: openai, baseUrl: "http://127.0.0.1:${otherPort}" }
models:
  tiny: { provider: served }
  other: { provider: elsewhere }
routes:
  default: { candidates: [tiny] }
`;
  await Deno.writeTextFile(config, text);
  const environment = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  const lines: string[] = [];
  const supervisor = new Supervisor({ onLine() {}, onChange() {} });
  const servers = new ModelServerProcesses(
    modelServers(parseConfig(text, config), environment),
    supervisor,
    (line) => lines.push(line),
  );
  const server = serveSupervisor(servers);
  servers.startAll();
  try {
    await withApp(({ request, store }) =>
      run({
        request,
        models: async () => (await (await request("/api/models")).json()).items,
        requests: async () => {
          const events = (await store.eventsAfter(0, 100)).map(({ body }) => JSON.parse(body));
          return events.filter(({ type }) => type === "operation.requested")
            .map(({ data, subject }) => [data.action, subject]);
        },
        pid: () =>
          supervisor.names.includes("model-served")
            ? supervisor.process("model-served").pid
            : undefined,
        lines,
        supervisorUrl: server.url,
      }), { config, supervisor: server });
  } finally {
    await supervisor.stop([]);
    await server.close();
    await Deno.remove(config);
  }
}

function post(request: Scene["request"], path: string): Promise<Response> {
  return request(`/api/operations/models/${path}`, { method: "POST" });
}

Deno.test("an operator stops and starts a model's server, and everyone sees how it is", async () => {
  await withServedModel(commandOf, async ({ request, models, requests, pid }) => {
    const tiny = async () => (await models()).find(({ name }) => name === "tiny")!;
    const isAwake = async () => (await tiny()).state === "awake";
    await until("the server answers", withinMs, isAwake);
    const firstPid = pid()!;
    const stopped = await post(request, "tiny/stop");
    assert.equal(stopped.status, 200);
    const [{ state, changed }] = (await stopped.json()).items;
    assert.deepEqual([state, changed], ["stopped", true]);
    assert.equal(processIdentity(firstPid), null, "its process has ended");
    const { available, reason } = await tiny();
    assert.equal(available, false);
    assert.equal(reason, "its server was stopped; an operator can start it");
    const servers = async (): Promise<ServerView[]> =>
      (await (await request("/api/operations/models")).json()).items;
    assert.deepEqual(
      (await servers()).map(({ provider, process, state }) => [provider, process, state]),
      [["served", "stopped", "unreachable"], ["elsewhere", null, "unreachable"]],
    );
    const again = await post(request, "tiny/stop");
    assert.equal((await again.json()).items[0].changed, false, "it was stopped already");

    const started = await post(request, "tiny/start");
    assert.equal((await started.json()).items[0].state, "running");
    assert.match((await servers())[0].state, /loading|awake/);
    assert.match((await tiny()).state!, /loading|awake/);
    await until("it answers again", withinMs, isAwake);
    assert.notEqual(pid(), firstPid);
    assert.deepEqual(await requests(), [
      ["stop-server", "model/tiny"],
      ["stop-server", "model/tiny"],
      ["start-server", "model/tiny"],
    ]);
  });
});

Deno.test("a server that could not be run is shown so, and an operator tries it again", async () => {
  await withServedModel(() => ["/nowhere/vllm"], async ({ request, models, lines }) => {
    const failed = "its server could not be run; the start's output tells why";
    const isFailed = async () =>
      (await models()).find(({ name }) => name === "tiny")!.reason === failed;
    await until("it is given up", withinMs, isFailed);
    assert.match(lines.join("\n"), /Cannot run model-served: it could not be run/);
    const linesBefore = lines.length;
    const started = await post(request, "tiny/start");
    assert.equal((await started.json()).items[0].changed, true);
    await until("it is given up again", withinMs, isFailed);
    assert.ok(lines.length > linesBefore);
  });
});

Deno.test("whoever has not the start's token changes nothing", async () => {
  await withServedModel(commandOf, async ({ supervisorUrl, pid }) => {
    for (const authorization of ["", "Bearer ", `Bearer ${crypto.randomUUID()}`]) {
      const response = await fetch(`${supervisorUrl}/served`, {
        method: "PUT",
        headers: { authorization },
        body: JSON.stringify({ state: "stopped" }),
      });
      assert.equal(response.status, 401);
      await response.body?.cancel();
    }
    assert.notEqual(pid(), undefined);
  });
});

Deno.test("a server that Turnlog does not run is refused with what can be done", async () => {
  await withServedModel(commandOf, async ({ request }) => {
    const response = await post(request, "other/stop");
    assert.equal(response.status, 409);
    assert.match((await response.json()).detail, /turnlog.yaml does not say how .* elsewhere/);
  });
  const config = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    config,
    `
providers:
  served: { kind: openai, baseUrl: "http://127.0.0.1:9", serve: { command: [vllm] } }
models:
  tiny: { provider: served }
routes:
  default: { candidates: [tiny] }
`,
  );
  // As on Kubernetes.
  await withApp(async ({ request }) => {
    const response = await post(request, "tiny/start");
    const { type, detail } = await response.json();
    assert.equal(type, "/problems/model-unmanageable");
    assert.match(detail, /served is not run by Turnlog: only servers that deno task start runs/);
  }, { config });
  await Deno.remove(config);
});
