/** What any process of this machine takes: processor time and memory. Linux only; elsewhere nothing is known. */

/** Clock ticks of a second, as Linux tells processor time to programs on every machine it runs on. */
const ticksPerSecond = 100;

/** @returns The processor time that a process has taken so far, in seconds; null where it has ended. */
export function processorSeconds(pid: number): number | null {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** @returns How much of its memory is resident, in bytes; null where it has ended. */
export function residentBytes(pid: number): number | null {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? "")?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

function readProc(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /No such process/.test(`${error}`)) return null;
    throw error;
  }
}
