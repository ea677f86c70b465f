/**
 * Samples of the engines that a start runs beside its own processes, which cannot state by themselves how they fare. The
 * start notes in a file what runs (`scripts/data_folder.ts`); one of its processes, ingestion, reads it.
 */
import { hostname } from "node:os";
import type { SystemSample } from "./contract/event.ts";
import { processorSeconds, residentBytes } from "./process_usage.ts";

const engines = ["temporal", "kafka", "clickhouse"] as const;

export class EngineSampler {
  readonly #file: string;
  /** The processor time of each process when it was last looked at. */
  #before = new Map<number, { seconds: number; atMs: number }>();

  /** @param file With a JSON list of processes, each with its `name` and its `pid`. */
  constructor(file: string) {
    this.#file = file;
  }

  /** @returns A sample of each engine that runs here; none where the system does not tell of others' processes. */
  take(): SystemSample[] {
    if (Deno.build.os !== "linux") return [];
    const running: { name: string; pid: number }[] = JSON.parse(Deno.readTextFileSync(this.#file));
    const now = new Map<number, { seconds: number; atMs: number }>();
    const samples = running.flatMap(({ name, pid }): SystemSample[] => {
      const component = engines.find((engine) => engine === name);
      if (component === undefined) return [];
      const [seconds, memoryBytes] = [processorSeconds(pid), residentBytes(pid)];
      if (seconds === null || memoryBytes === null) return [];
      const [atMs, before] = [performance.now(), this.#before.get(pid)];
      now.set(pid, { seconds, atMs });
      return [{
        component,
        instance: `${hostname()}:${pid}`,
        ...(before && { cpuShare: shareOf(seconds - before.seconds, atMs - before.atMs) }),
        memoryBytes,
      }];
    });
    this.#before = now;
    return samples;
  }
}

/** @returns To a thousandth; 0 where another process has the number now. */
function shareOf(seconds: number, ms: number): number {
  return Math.max(0, Math.round(seconds * 1e6 / ms) / 1000);
}
