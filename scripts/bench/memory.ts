/**
 * How much memory a running Turnlog takes: each process's share of the machine's memory, in which what several share
 * counts once (PSS). Linux only.
 *
 * usage: deno run -A scripts/bench/memory.ts [data folder]
 */

import type { Stack } from "../stack.ts";
import type { Figure } from "./measurement.ts";

/** When a stack that has just started has come to rest. */
const restMs = 20_000;

/** @returns What each process of an idle stack takes, and the whole, the one who started it included. */
export async function measureMemory(stack: Stack): Promise<Figure[]> {
  await new Promise((resolve) => setTimeout(resolve, restMs));
  const names = new Map(stack.processes().map(({ name, pid }) => [pid, name as string]));
  const processes = memoryOfTree(Deno.pid);
  const figures = processes.map(({ pid, command, pssMb }): Figure => ({
    what: `idle: ${names.get(pid) ?? (pid === Deno.pid ? "supervisor" : command.slice(0, 60))}`,
    value: pssMb,
    unit: "MB",
  }));
  const total = processes.reduce((sum, { pssMb }) => sum + pssMb, 0);
  const against = { what: "aim", value: 1200 };
  return [...figures, { what: "idle: the whole stack (PSS)", value: total, unit: "MB", against }];
}

/** @returns Process of the stack → its memory in MB; without those that do not run now. */
export function memoryByProcess(stack: Stack): Map<string, number> {
  return new Map(
    stack.processes().flatMap(({ name, pid }) => {
      const memory = pid === undefined ? null : memoryOf(pid);
      return memory === null ? [] : [[name, memory.pssMb]];
    }),
  );
}

export interface ProcessMemory {
  pid: number;
  /** How the process was called. */
  command: string;
  /** In units of 1024 × 1024 bytes. */
  pssMb: number;
}

/** @returns The memory of a process and of all that descend from it, the largest first. */
export function memoryOfTree(root: number): ProcessMemory[] {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) parents.set(Number(name), parent);
  }
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(parents.get(pid)));
  return [...parents.keys()]
    .filter(belongs)
    .flatMap((pid) => memoryOf(pid) ?? [])
    .sort((a, b) => b.pssMb - a.pssMb);
}

/** Null where the process has ended. */
function parentOf(pid: number): number | null {
  const stat = readProc(`${pid}/stat`);
  // The name, in parentheses, may hold anything; state and parent follow it.
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function memoryOf(pid: number): ProcessMemory | null {
  const pss = readProc(`${pid}/smaps_rollup`)?.match(/^Pss:\s+(\d+) kB/m);
  const command = readProc(`${pid}/cmdline`)?.replaceAll("\0", " ").trim();
  if (!pss || command === undefined) return null;
  return { pid, command, pssMb: Number(pss[1]) / 1024 };
}

function readProc(path: string): string | null {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    return null;
  }
}

if (import.meta.main) {
  const [data = ".turnlog"] = Deno.args;
  const processes = memoryOfTree(Number(Deno.readTextFileSync(`${data}/run/start.lock`)));
  for (const { pid, command, pssMb } of processes) {
    console.log(`${pssMb.toFixed(0).padStart(6)} MB  ${pid}  ${command.slice(0, 100)}`);
  }
  const total = processes.reduce((sum, { pssMb }) => sum + pssMb, 0);
  console.log(`${total.toFixed(0).padStart(6)} MB  in all`);
}
