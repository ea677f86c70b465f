/** How the made-up installation fares: samples of its processes and of its vLLM server, busier when people are. */
import {
  createSystemEvent,
  type SystemEvent,
  type SystemSample,
} from "../../events/contract/event.ts";
import type { Hour } from "./calendar.ts";
import type { Random } from "./random.ts";
import { seedSource } from "./source.ts";

const hourMs = 3_600_000;
const megabyte = 1_000_000;

/** What is sampled: three processes and a server. */
export const sampledComponents = 4;

/** @returns A sample of each, somewhen in the hour. */
export function samplesOf(random: Random, { startMs, rush }: Hour): SystemEvent[] {
  const atMs = startMs + random.next() * hourMs;
  const load = rush * random.logNormal(1, 0.2);
  const samples = [
    processSample(random, "api", 0.01 + 0.06 * load, 150),
    processSample(random, "worker", 0.01 + 0.1 * load, 190),
    processSample(random, "ingest", 0.005 + 0.02 * load, 120),
    serverSample(random, load),
  ];
  return samples.map((data) =>
    createSystemEvent({
      id: random.uuid(atMs),
      source: seedSource,
      type: "system.sampled",
      subject: `${data.component}/${data.instance}`,
      time: new Date(atMs),
      data,
    })
  );
}

function processSample(
  random: Random,
  component: "api" | "worker" | "ingest",
  cpuShare: number,
  megabytes: number,
): SystemSample {
  const waiting = component === "ingest" ? { eventsNotIngested: random.integer(20) } : {
    callsUnderWay: random.round(cpuShare * 40),
    callsWaiting: random.chance(0.02) ? random.integer(8) : 0,
    eventsUnpublished: random.integer(6),
  };
  return {
    component,
    instance: `${component}-1:4711`,
    cpuShare: Math.round(cpuShare * 1000) / 1000,
    memoryBytes: Math.round(megabytes * megabyte * random.logNormal(1, 0.08)),
    eventLoopLagMs: Math.round(random.logNormal(6 + 40 * cpuShare, 0.8)),
    ...waiting,
  };
}

function serverSample(random: Random, load: number): SystemSample {
  return {
    component: "model-server",
    instance: "http://gpu-1:8000/v1",
    requestsRunning: random.round(load * 6),
    requestsWaiting: random.chance(0.05 * load) ? random.integer(5) : 0,
    kvCacheShare: Math.round(Math.min(load * 0.3, 0.98) * 1000) / 1000,
    tokensPerSecond: Math.round(load * 2400) / 10,
  };
}
