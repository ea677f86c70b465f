/** How much of the machine's processors each process takes. Linux only. */

/** Clock ticks of a second, as Linux tells processor time to programs on every machine it runs on. */
const ticksPerSecond = 100;

/** @returns The processor time that a process has taken so far, in seconds; null where it has ended. */
export function processorSeconds(pid: number): number | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /No such process/.test(`${error}`)) return null;
    throw error;
  }
}
