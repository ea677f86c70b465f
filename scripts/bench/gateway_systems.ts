/** The systems that are measured beside each other, each ready to pass questions on to the same provider. */
import { readStackSettings, readTestEnvironment } from "../config.ts";
import { baseEnvironment } from "../engines/engine_sources.ts";
import { type Pace, pacedModel } from "../load/paced_provider.ts";
import { startTemporaryStack } from "../load/temporary_stack.ts";
import { freePorts } from "../ports.ts";
import { Supervisor } from "../supervisor.ts";
import { installGateway, litellm, portkey } from "./gateway_installs.ts";

export interface GatewaySystem {
  name: string;
  /** With `/v1`. */
  url: string;
  headers: Record<string, string>;
  stop(): Promise<void>;
}

export type StartSystem = (providerUrl: string, paces: readonly Pace[]) => Promise<GatewaySystem>;

export const startDirect: StartSystem = (providerUrl) =>
  Promise.resolve({
    name: "direct",
    url: `${providerUrl}/v1`,
    headers: {},
    stop: () => Promise.resolve(),
  });

export const startTurnlog: StartSystem = async (providerUrl, paces) => {
  const models = `
providers:
  paced: { kind: openai, baseUrl: "${providerUrl}" }
models:
${paces.map((pace) => `  ${pacedModel(pace)}: { provider: paced }`).join("\n")}
routes:
  default: { candidates: [${pacedModel(paces[0])}], retry: { attempts: 1 } }
`;
  const { stack, stop } = await startTemporaryStack({ models });
  return { name: "Turnlog", url: `${stack.url}/v1`, headers: {}, stop };
};

export const startLitellm: StartSystem = async (providerUrl, paces) => {
  const folder = await installGateway(litellm);
  const file = await Deno.makeTempFile({ prefix: "turnlog_litellm_", suffix: ".yaml" });
  const model = (pace: Pace) => ({
    model_name: pacedModel(pace),
    litellm_params: {
      model: `openai/${pacedModel(pace)}`,
      api_base: `${providerUrl}/v1`,
      api_key: "none",
    },
  });
  // JSON is YAML too.
  await Deno.writeTextFile(file, JSON.stringify({ model_list: paces.map(model) }));
  const [port] = freePorts(1);
  // It does not start without one.
  const key = `sk-${crypto.randomUUID()}`;
  return await startServer({
    name: "LiteLLM",
    command: `${folder}/bin/python`,
    args: [
      ...[`${folder}/bin/litellm`, "--config", file, "--num_workers", "1"],
      ...["--host", "127.0.0.1", "--port", String(port), "--telemetry", "False"],
    ],
    // Without it, prices are fetched from the network at each start.
    environment: { LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_MASTER_KEY: key },
    port,
    readyPath: "/health/liveliness",
    headers: { authorization: `Bearer ${key}` },
    afterwards: () => Deno.remove(file),
  });
};

export const startPortkey: StartSystem = async (providerUrl) => {
  const folder = await installGateway(portkey);
  const [port] = freePorts(1);
  return await startServer({
    name: "Portkey",
    command: "node",
    args: [
      ...["--require", await writeLoopbackPatch(folder)],
      `${folder}/node_modules/@portkey-ai/gateway/build/start-server.js`,
      ...["--headless", `--port=${port}`],
    ],
    environment: { NODE_ENV: "production" },
    port,
    readyPath: "/",
    headers: {
      "authorization": "Bearer none",
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${providerUrl}/v1`,
    },
    afterwards: () => Promise.resolve(),
  });
};

/** It listens on every address and has no setting for that; nobody else should reach it. */
async function writeLoopbackPatch(folder: string): Promise<string> {
  const file = `${folder}/loopback.cjs`;
  await Deno.writeTextFile(
    file,
    `const { Server } = require("net");
const { listen } = Server.prototype;
Server.prototype.listen = function (port, ...rest) {
  const callback = rest.find((one) => typeof one === "function");
  return listen.call(this, typeof port === "object" ? port.port : port, "127.0.0.1", callback);
};
`,
  );
  return file;
}

/** How long a gateway may take to its first answer: LiteLLM's modules are many. */
const readyWithinMs = 120_000;

async function startServer(server: {
  name: string;
  command: string;
  args: string[];
  environment: Record<string, string>;
  port: number;
  readyPath: string;
  headers: Record<string, string>;
  afterwards(): Promise<void>;
}): Promise<GatewaySystem> {
  const { name, command, args, port, readyPath, headers } = server;
  const supervisor = new Supervisor({ onLine() {}, onChange() {} });
  const stop = async () => {
    await supervisor.stop([]);
    await server.afterwards();
  };
  try {
    await supervisor.start({
      name,
      command,
      args,
      environment: { ...baseEnvironment(readTestEnvironment()), ...server.environment },
      // What it writes beside itself is of no use to anyone.
      cwd: readStackSettings(readTestEnvironment()).TURNLOG_CACHE,
      checkReadiness: () => answers(`http://127.0.0.1:${port}${readyPath}`),
      readyWithinMs,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, url: `http://127.0.0.1:${port}/v1`, headers, stop };
}

async function answers(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok ? "ok" : `it answers ${response.status}`;
  } catch (error) {
    return String(error);
  }
}
