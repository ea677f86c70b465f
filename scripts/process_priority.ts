/** Which processes get the processors first, where there are too few for all that wants to run. */
import { getPriority, setPriority } from "node:os";

/** A third of the others' share, then: it still goes on. */
const niceness = 5;

/** Lets all else on the machine go first. Where the system has no such thing, the process runs as all others. */
export function yieldProcessors(pid: number): void {
  try {
    setPriority(pid, Math.max(getPriority(pid), niceness));
    // Linux shares its processors among sessions, and only then among the processes of one.
    if (Deno.build.os === "linux") {
      Deno.writeTextFileSync(`/proc/${pid}/autogroup`, String(niceness), { create: false });
    }
  } catch {
    // It may have ended already, too.
  }
}
