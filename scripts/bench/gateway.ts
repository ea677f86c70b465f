/**
 * `/v1/chat/completions` of Turnlog, where each call is a durable turn, beside a direct call and beside two gateways that
 * keep nothing: what each adds until the provider has the request and until the first token is there, and how many
 * requests it takes. One system after the other, in rounds, so that whatever the machine does meanwhile hits all alike.
 */
import type { ChatAnswer, ChatClientsInput, ChatClientsResult } from "../load/chat_clients.ts";
import { runHelper, startHelper } from "../load/helper_process.ts";
import { stopWhenInterrupted } from "../load/interrupts.ts";
import { type Arrivals, type Pace, pacedModel } from "../load/paced_provider.ts";
import {
  type GatewaySystem,
  startDirect,
  startLitellm,
  startPortkey,
  type StartSystem,
  startTurnlog,
} from "./gateway_systems.ts";
import { type Figure, quantile } from "./measurement.ts";

export interface GatewayLoad {
  rounds: number;
  /** Concurrency → how many requests of it in a round. */
  streaming: Record<number, number>;
  /** The same, not streaming; the provider then gives the whole answer after its first delay. */
  whole: Record<number, number>;
  /** Measured beside the direct call. */
  systems: readonly StartSystem[];
}

export const allGateways: GatewayLoad = {
  rounds: 3,
  streaming: { 1: 12, 16: 96, 64: 192 },
  whole: { 64: 384 },
  systems: [startTurnlog, startLitellm, startPortkey],
};

const streamingPace: Pace = { firstTokenMs: 20, tokenMs: 10, tokens: 50 };
const wholePace: Pace = { firstTokenMs: 20, tokenMs: 0, tokens: 50 };

/** What one system did at one concurrency, over all rounds. */
interface Measured {
  /** From asking until the provider has the request. */
  toProviderMs: number[];
  /** From asking until the first token. */
  firstTokenMs: number[];
  requestsPerSecond: number[];
}

/** System and load, such as `Turnlog streaming 16` → what was measured. */
type Measurements = Map<string, Measured>;

export interface GatewayResult {
  figures: Figure[];
  /** Answers that were not exact, per system. */
  problems: string[];
}

export async function measureGateway(load: GatewayLoad): Promise<GatewayResult> {
  const provider = startHelper(new URL("../load/paced_provider.ts", import.meta.url));
  const systems: GatewaySystem[] = [];
  const stop = async () => {
    for (const system of systems.toReversed()) await system.stop();
    await provider.stop();
  };
  using _interrupts = stopWhenInterrupted(stop);
  try {
    const providerUrl = (await provider.line())!;
    for (const start of [startDirect, ...load.systems]) {
      try {
        systems.push(await start(providerUrl, [streamingPace, wholePace]));
      } catch (error) {
        if (start === startTurnlog) throw error;
        console.log(`Left out: ${error instanceof Error ? error.message : error}`);
      }
    }
    const measured: Measurements = new Map();
    const problems: string[] = [];
    for (let round = 0; round < load.rounds; round++) {
      for (
        const [stream, concurrencies] of [[true, load.streaming], [false, load.whole]] as const
      ) {
        for (const [concurrency, requests] of Object.entries(concurrencies)) {
          for (const system of systems) {
            problems.push(
              ...await measureOnce(system, providerUrl, measured, {
                round,
                stream,
                concurrency: Number(concurrency),
                requests,
              }),
            );
          }
        }
      }
    }
    return { figures: figuresOf(load, systems, measured), problems };
  } finally {
    await stop();
  }
}

/** @returns What was not exact. */
async function measureOnce(
  { name, url, headers }: GatewaySystem,
  providerUrl: string,
  measured: Measurements,
  { round, stream, concurrency, requests }: {
    round: number;
    stream: boolean;
    concurrency: number;
    requests: number;
  },
): Promise<string[]> {
  const pace = stream ? streamingPace : wholePace;
  const key = keyOf(name, stream, concurrency);
  const input: ChatClientsInput = {
    url,
    headers,
    model: pacedModel(pace),
    tokens: pace.tokens,
    stream,
    concurrency,
    requests,
    // Connections are made, and each worker of a pool has been asked.
    warmUpRequests: Math.max(3, concurrency),
    name: `${key}, round ${round}, question`,
  };
  const clients = new URL("../load/chat_clients.ts", import.meta.url);
  const { answers, problems } = await runHelper<ChatClientsResult>(clients, input);
  const arrivals: Arrivals = await (await fetch(`${providerUrl}/arrivals`)).json();
  if (answers.length > 0) addMeasured(measured, key, answers, arrivals);
  return problems;
}

function addMeasured(
  measured: Measurements,
  key: string,
  answers: readonly ChatAnswer[],
  arrivals: Arrivals,
): void {
  const all = measured.get(key) ?? { toProviderMs: [], firstTokenMs: [], requestsPerSecond: [] };
  measured.set(key, all);
  for (const { question, askedMs, firstToken } of answers) {
    all.toProviderMs.push(arrivals[question][0] - askedMs);
    if (firstToken !== null) all.firstTokenMs.push(firstToken.receivedMs - askedMs);
  }
  const fromMs = Math.min(...answers.map(({ askedMs }) => askedMs));
  const untilMs = Math.max(...answers.map(({ endedMs }) => endedMs));
  all.requestsPerSecond.push(answers.length / (untilMs - fromMs) * 1000);
}

function keyOf(name: string, stream: boolean, concurrency: number): string {
  return `${name}, ${stream ? "streaming" : "whole"}, ${concurrency} at once`;
}

/** Step and concurrency → the most that Turnlog may add at p50, in milliseconds. At p99 it is held against LiteLLM. */
const aimsMs: Record<string, number | undefined> = {
  "toProviderMs 1": 3,
  "firstTokenMs 1": 16,
  "toProviderMs 16": 40,
};

const steps = [
  ["toProviderMs", "the provider has the request"],
  ["firstTokenMs", "the first token"],
] as const;

function figuresOf(
  load: GatewayLoad,
  systems: readonly GatewaySystem[],
  measured: Measurements,
): Figure[] {
  const streaming = Object.keys(load.streaming).map(Number).flatMap((concurrency) =>
    systems.flatMap(({ name }) => addedFigures(name, concurrency, measured))
  );
  const whole = Object.keys(load.whole).map(Number).flatMap((concurrency) =>
    systems.flatMap(({ name }) => throughputFigures(name, concurrency, measured))
  );
  return [...streaming, ...whole];
}

/** What the system adds to a direct call; the direct call's own times where it is that. */
function addedFigures(name: string, concurrency: number, measured: Measurements): Figure[] {
  const key = keyOf(name, true, concurrency);
  const own = measured.get(key);
  const direct = measured.get(keyOf("direct", true, concurrency));
  // Without an answer that was exact there is nothing to tell.
  if (own === undefined || direct === undefined) return [];
  const litellm = measured.get(keyOf("LiteLLM", true, concurrency));
  const count = `${own.firstTokenMs.length} requests`;
  return steps.flatMap(([step, until]) =>
    [0.5, 0.99].map((share): Figure => {
      const timeOf = (one: Measured) => quantile(one[step], share);
      if (name === "direct") {
        const what = `${key} (${count}): until ${until}, p${share * 100}`;
        return { what, value: timeOf(own), unit: "ms" };
      }
      const aimMs = share === 0.5 ? aimsMs[`${step} ${concurrency}`] : undefined;
      const against = aimMs !== undefined
        ? { what: "aim", value: aimMs }
        : litellm && { what: "LiteLLM's", value: timeOf(litellm) - timeOf(direct) };
      return {
        what: `${key} (${count}): added until ${until}, p${share * 100}`,
        value: timeOf(own) - timeOf(direct),
        unit: "ms",
        ...(name === "Turnlog" && against && { against }),
      };
    })
  );
}

function throughputFigures(name: string, concurrency: number, measured: Measurements): Figure[] {
  const key = keyOf(name, false, concurrency);
  const own = measured.get(key);
  if (own === undefined) return [];
  const litellm = measured.get(keyOf("LiteLLM", false, concurrency));
  const rounds = own.requestsPerSecond.map((value) => value.toFixed(0)).join(", ");
  const against = name === "Turnlog" && litellm
    ? { what: "LiteLLM's", value: quantile(litellm.requestsPerSecond) }
    : undefined;
  return [{
    what: `${key}: answered, median of rounds (${rounds})`,
    value: quantile(own.requestsPerSecond),
    unit: "requests/s",
    ...(against && { against }),
  }];
}
