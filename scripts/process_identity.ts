/** Which process a number stands for: the system gives numbers anew, so that a number alone may mean a stranger. */

/** Equal for the same process only, also across a restart of the machine. */
export type ProcessIdentity = string;

/** @returns What tells this process from every other one that has or had its number; null where it has ended. */
export function processIdentity(pid: number): ProcessIdentity | null {
  return Deno.build.os === "linux" ? identityFromProc(pid) : identityFromPs(pid);
}

/** How long a process may take to end by itself. */
const graceMs = 5000;

/** Ends a process and what it started: asks first, and kills what has not ended after some seconds. */
export async function endProcessGroup(leader: number): Promise<void> {
  const identity = processIdentity(leader);
  signalGroup(leader, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (identity !== null && processIdentity(leader) === identity && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  signalGroup(leader, "SIGKILL");
}

/** Signals a process that leads a group, and all others of the group. One that has ended is no error. */
export function signalGroup(leader: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-leader, signal);
  } catch (error) {
    // macOS answers EPERM for a group whose members have all ended.
    const hasEnded = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (!hasEnded) throw error;
  }
}

function identityFromProc(pid: number): ProcessIdentity | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything; the fields after it are plain. State is the 1st, start time the 20th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return null;
    const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
    return `${boot} ${fields[19]}`;
  } catch (error) {
    const hasEnded = error instanceof Deno.errors.NotFound || /No such process/.test(`${error}`);
    if (hasEnded) return null;
    throw error;
  }
}

function identityFromPs(pid: number): ProcessIdentity | null {
  const { success, stdout } = new Deno.Command("ps", { args: ["-o", "lstart=", "-p", String(pid)] })
    .outputSync();
  return success ? new TextDecoder().decode(stdout).trim() : null;
}
