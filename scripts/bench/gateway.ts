/**
 * `/v1/chat/completions` of Turnlog, where each call is a durable turn, beside a direct call and beside two gateways that
 * keep nothing: what each adds until the provider has the request and until the first token is there, and how many
 * requests it takes. One system after the other, in rounds, so that whatever the machine does meanwhile hits all alike.
 */
import type { ChatAnswer, ChatClientsInput, ChatClientsResult } from "../load/chat_clients.ts";
import { runHelper, startHelper } from "../load/helper_process.ts";
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
    for (const system of systems.reverse()) await system.stop();
    await provider.stop();
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

function figuresOf(
  load: GatewayLoad,
  systems: readonly GatewaySystem[],
  measured: Measurements,
): Figure[] {
  const figures: Figure[] = [];
  for (const concurrency of Object.keys(load.streaming).map(Number)) {
    const direct = measured.get(keyOf("direct", true, concurrency))!;
    for (const { name } of systems) {
      const key = keyOf(name, true, concurrency);
      const found = measured.get(key);
      if (found === undefined) continue;
      const count = `${found.firstTokenMs.length} requests`;
      for (const share of [0.5, 0.99]) {
        for (const step of ["toProviderMs", "firstTokenMs"] as const) {
          const until = step === "toProviderMs"
            ? "the provider has the request"
            : "the first token";
          const of = (one: Measured) => quantile(one[step], share);
          figures.push(
            name === "direct"
              ? {
                what: `${key} (${count}): until ${until}, p${share * 100}`,
                value: of(direct),
                unit: "ms",
              }
              : {
                what: `${key} (${count}): added until ${until}, p${share * 100}`,
                value: of(found) - of(direct),
                unit: "ms",
              },
          );
        }
      }
    }
  }
  for (const concurrency of Object.keys(load.whole).map(Number)) {
    for (const { name } of systems) {
      const key = keyOf(name, false, concurrency);
      const found = measured.get(key);
      if (found === undefined) continue;
      const rounds = found.requestsPerSecond.map((value) => value.toFixed(0)).join(", ");
      figures.push({
        what: `${key}: answered, median of rounds (${rounds})`,
        value: quantile(found.requestsPerSecond),
        unit: "requests/s",
      });
    }
  }
  return figures;
}
