/**
 * Samples of how a process fares: its share of a processor, its memory, how long it lets others wait, and what waits for it.
 * Every process takes its own here. They go to Kafka without the store, which would grow by them while nobody chats; one
 * that is lost is not missed.
 */
import { hostname } from "node:os";
import process from "node:process";
import { createSystemEvent, keyOf, type SystemEvent, type SystemSample } from "./contract/event.ts";
import { newEventId } from "./event_id.ts";
import type { KafkaProducer } from "./kafka/kafka_log.ts";
import { loggerOf } from "./logging.ts";
import { askVllm } from "./provider_health/server_loads.ts";

const log = loggerOf("samples");

/** How often the event loop is asked to be on time: what holds it up for less is not seen. */
const lagProbeMs = 500;

export interface SamplingOptions {
  component: "api" | "worker" | "ingest";
  /** As in the events that the process states: `turnlog/api`. */
  source: string;
  /** 0: nothing is sampled. */
  intervalSeconds: number;
  producer: Pick<KafkaProducer, "send">;
  /** What the process knows of itself beside what every process has. */
  measure(): Promise<Partial<SystemSample>>;
  /** The base URLs of the vLLM servers that it samples as well. */
  servers?(): string[];
  /** Samples that it takes of the engines beside it. */
  engines?(): SystemSample[];
}

export interface Sampling {
  stop(): void;
}

export function startSampling(options: SamplingOptions): Sampling {
  if (options.intervalSeconds === 0) return { stop() {} };
  const lag = new EventLoopLag();
  const processor = new ProcessorShare();
  const tokens = new TokenRates();
  const timer = setInterval(async () => {
    try {
      const samples = await takeSamples(options, { lag, processor, tokens });
      const messages = samples.map((event) => ({
        key: keyOf(event),
        value: JSON.stringify(event),
      }));
      await options.producer.send("events", messages);
    } catch (error) {
      log.warn("Could not publish a sample of this process", { error });
    }
  }, options.intervalSeconds * 1000);
  return {
    stop() {
      clearInterval(timer);
      lag.stop();
    },
  };
}

async function takeSamples(
  { component, source, measure, servers = () => [], engines = () => [] }: SamplingOptions,
  { lag, processor, tokens }: {
    lag: EventLoopLag;
    processor: ProcessorShare;
    tokens: TokenRates;
  },
): Promise<SystemEvent[]> {
  const own: SystemSample = {
    component,
    instance: `${hostname()}:${process.pid}`,
    cpuShare: processor.take(),
    memoryBytes: process.memoryUsage.rss(),
    eventLoopLagMs: lag.take(),
    ...await measure(),
  };
  const ofServers = await Promise.all(servers().map((url) => sampleServer(url, tokens)));
  return [own, ...engines(), ...ofServers.filter((sample) => sample !== null)].map((data) =>
    createSystemEvent({
      id: newEventId(),
      source,
      type: "system.sampled",
      subject: `${data.component}/${data.instance}`,
      data,
    })
  );
}

/** @returns Null where the server is none of vLLM, or does not answer. */
async function sampleServer(baseUrl: string, tokens: TokenRates): Promise<SystemSample | null> {
  const load = await askVllm(baseUrl).catch(() => null);
  if (load === null) return null;
  const { tokensWritten, ...figures } = load;
  const tokensPerSecond = tokensWritten === undefined
    ? undefined
    : tokens.take(baseUrl, tokensWritten);
  return {
    component: "model-server",
    instance: baseUrl,
    ...figures,
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}

/** How many tokens a second each server writes, by what it counts since its start. */
class TokenRates {
  readonly #before = new Map<string, { tokens: number; atMs: number }>();

  /** @returns The rate since the last call, to a tenth; undefined at the first one and after the server's restart. */
  take(baseUrl: string, tokens: number): number | undefined {
    const atMs = performance.now();
    const before = this.#before.get(baseUrl);
    this.#before.set(baseUrl, { tokens, atMs });
    if (before === undefined || tokens < before.tokens) return undefined;
    return Math.round((tokens - before.tokens) * 10_000 / (atMs - before.atMs)) / 10;
  }
}

/** The share of one processor that this process takes: 1 is all of one, 2 all of two. */
class ProcessorShare {
  #usage = process.cpuUsage();
  #atMs = performance.now();

  /** @returns That since the last call, to a thousandth. */
  take(): number {
    const { user, system } = process.cpuUsage(this.#usage);
    const nowMs = performance.now();
    const share = (user + system) / 1000 / (nowMs - this.#atMs);
    this.#usage = process.cpuUsage();
    this.#atMs = nowMs;
    return Math.round(share * 1000) / 1000;
  }
}

/** How late the event loop comes to what is due. */
class EventLoopLag {
  #longestMs = 0;
  #dueMs = performance.now() + lagProbeMs;
  readonly #timer = setInterval(() => this.#see(), lagProbeMs);

  /** @returns The longest delay since the last call, in whole milliseconds. */
  take(): number {
    const longestMs = Math.round(this.#longestMs);
    this.#longestMs = 0;
    return longestMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #see(): void {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#dueMs);
    this.#dueMs = nowMs + lagProbeMs;
  }
}
