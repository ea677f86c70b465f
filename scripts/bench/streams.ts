/**
 * Many streams at once: how late their tokens are, from the provider's giving to the reader's having, what each stream
 * costs in memory, and whether every answer is exact. The provider is the simulated one, in the worker; the readers are
 * processes of their own.
 */
import { runHelper } from "../load/helper_process.ts";
import type { StreamReadersInput, StreamReadersResult } from "../load/stream_readers.ts";
import { withTemporaryStack } from "../load/temporary_stack.ts";
import type { Stack } from "../stack.ts";
import { type Figure, quantile, sleepUntil, wallClockMs } from "./measurement.ts";
import { memoryByProcess } from "./memory.ts";
import { processorSeconds } from "../../events/process_usage.ts";

export interface StreamsLoad {
  streams: number;
  tokensPerSecond: number;
  /** How long all of them are under way at once. */
  steadySeconds: number;
  /** How many begin in a second, beside all that are under way: of more, some would begin within the measured time. */
  startsPerSecond: number;
  readerProcesses: number;
}

export const thousandStreams: StreamsLoad = {
  streams: 1000,
  tokensPerSecond: 20,
  steadySeconds: 30,
  startsPerSecond: 10,
  readerProcesses: 2,
};

export interface StreamsResult extends StreamReadersResult {
  figures: Figure[];
}

/** Between the last beginning and the measured time, and between that and the first end. */
const settleMs = 3000;
/** Before the first message: the readers' processes must be up. */
const leadMs = 2000;

/** Measures on a stack of its own. */
export async function measureStreams(load: StreamsLoad): Promise<StreamsResult> {
  const seconds = load.streams / load.startsPerSecond + load.steadySeconds + 2 * settleMs / 1000;
  const tokens = Math.ceil(seconds * load.tokensPerSecond);
  const tokenMs = 1000 / load.tokensPerSecond;
  const models = `
providers:
  simulated: { kind: simulated }
models:
  stamps: { provider: simulated, parameters: { stamps: true, firstTokenMs: 20, tokenMs: ${tokenMs}, tokens: ${tokens} } }
routes:
  default: { candidates: [stamps], retry: { attempts: 1 } }
`;
  // All through the worker and Kafka: the api would write a part of the answers itself.
  const variables = { TURNLOG_API_TURNS: "0" };
  return await withTemporaryStack(
    { models, variables },
    (stack) => measureOn(stack, load, tokens),
  );
}

async function measureOn(
  stack: Stack,
  load: StreamsLoad,
  tokens: number,
): Promise<StreamsResult> {
  const idle = memoryByProcess(stack);
  const fromMs = wallClockMs() + leadMs;
  const steadyFromMs = fromMs + 1000 * load.streams / load.startsPerSecond + settleMs;
  const steadyUntilMs = steadyFromMs + 1000 * load.steadySeconds;
  const readers = Array.from({ length: load.readerProcesses }, (_, index) => {
    const input: StreamReadersInput = {
      url: stack.url,
      streams: Math.floor((load.streams + index) / load.readerProcesses),
      model: "stamps",
      tokens,
      fromMs,
      everyMs: 1000 * load.readerProcesses / load.startsPerSecond,
      steadyFromMs,
      steadyUntilMs,
    };
    return runHelper<StreamReadersResult>(
      new URL("../load/stream_readers.ts", import.meta.url),
      input,
    );
  });
  const reading = Promise.all(readers);
  const [results, usage] = await Promise.all([
    reading,
    measureUsage(stack, steadyFromMs, steadyUntilMs),
  ]);
  const all: StreamReadersResult = {
    steadyStreams: sum(results.map(({ steadyStreams }) => steadyStreams)),
    exactAnswers: sum(results.map(({ exactAnswers }) => exactAnswers)),
    lagsMs: results.flatMap(({ lagsMs }) => lagsMs),
    problems: results.flatMap(({ problems }) => problems),
  };
  return { ...all, figures: figuresOf(load, all, { idle, ...usage }) };
}

interface Usage {
  /** Process → what it takes, in MB. */
  memory: Map<string, number>;
  /** Process → how many processors it keeps busy. */
  processors: Map<string, number>;
}

async function measureUsage(
  stack: Stack,
  steadyFromMs: number,
  steadyUntilMs: number,
): Promise<Usage> {
  await sleepUntil(steadyFromMs);
  const before = processorTimes(stack);
  await sleepUntil(steadyUntilMs);
  const after = processorTimes(stack);
  const seconds = (steadyUntilMs - steadyFromMs) / 1000;
  const processors = [...after].map(([name, time]) =>
    [name, (time - (before.get(name) ?? 0)) / seconds] as const
  );
  return { memory: memoryByProcess(stack), processors: new Map(processors) };
}

function processorTimes(stack: Stack): Map<string, number> {
  return new Map(
    stack.processes().flatMap(({ name, pid }) => {
      const seconds = pid === undefined ? null : processorSeconds(pid);
      return seconds === null ? [] : [[name, seconds]];
    }),
  );
}

function figuresOf(
  { streams, tokensPerSecond, steadySeconds }: StreamsLoad,
  { lagsMs, exactAnswers, steadyStreams }: StreamReadersResult,
  { idle, memory, processors }: Usage & { idle: Map<string, number> },
): Figure[] {
  const conditions = `${streams} streams at ${tokensPerSecond} tokens/s, ${steadySeconds} s`;
  return [
    {
      what: `answers that came exact, of ${streams}`,
      value: exactAnswers,
      unit: "answers",
      against: { what: "all", value: streams },
    },
    {
      what: `streams under way all through the measured time`,
      value: steadyStreams,
      unit: "streams",
    },
    {
      what: `tokens measured in it`,
      value: lagsMs.length,
      unit: "tokens",
      against: { what: "given at that rate", value: streams * tokensPerSecond * steadySeconds },
    },
    {
      what: `a token from the provider to its reader, p50, ${conditions}`,
      value: quantile(lagsMs),
      unit: "ms",
    },
    {
      what: "the same, p99",
      value: quantile(lagsMs, 0.99),
      unit: "ms",
      against: { what: "aim", value: 250 },
    },
    { what: "the same, the latest", value: quantile(lagsMs, 1), unit: "ms" },
    ...[...memory].map(([name, pssMb]): Figure => ({
      what: `memory of ${name} for each stream (${pssMb.toFixed(0)} MB in all)`,
      value: (pssMb - (idle.get(name) ?? 0)) * 1024 / streams,
      unit: "kB",
    })),
    ...[...processors].map(([name, busy]): Figure => ({
      what: `processors that ${name} keeps busy`,
      value: busy * 100,
      unit: "%",
    })),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
