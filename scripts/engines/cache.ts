/** The cache of engines: folders that are there whole or not at all, whoever is killed while filling them. */
import { sleep } from "../../events/sleep.ts";

/** How often a lock that another process holds is tried again. */
const pollMs = 200;

export interface FillOptions {
  /** The path of the folder in the cache. */
  folder: string;
  /** Puts what belongs there into an empty folder, whose path it gets. */
  fill(unfinished: string): Promise<void>;
  /** Is called where another process is filling the folder. */
  onWait(): void;
  signal: AbortSignal;
}

/** Fills a folder of the cache unless it is there. Of several processes that want it at once, one fills it. */
export async function fillOnce({ folder, fill, onWait, signal }: FillOptions): Promise<void> {
  if (isFilled(folder)) return;
  Deno.mkdirSync(parentOf(folder), { recursive: true });
  // The system lets go of the lock when its holder ends, however it ends.
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  while (!lock.tryLockSync(true)) {
    onWait();
    await sleep(pollMs, signal);
    signal.throwIfAborted();
  }
  if (isFilled(folder)) return;
  removeUnfinished(folder);
  const unfinished = `${folder}.${crypto.randomUUID()}.unfinished`;
  Deno.mkdirSync(unfinished);
  try {
    await fill(unfinished);
    Deno.renameSync(unfinished, folder);
  } catch (error) {
    Deno.removeSync(unfinished, { recursive: true });
    throw error;
  }
}

export function isFilled(folder: string): boolean {
  try {
    return Deno.statSync(folder).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What killed processes left of this folder. Whoever holds the lock is the only one who fills it. */
function removeUnfinished(folder: string): void {
  const name = folder.slice(folder.lastIndexOf("/") + 1);
  for (const entry of Deno.readDirSync(parentOf(folder))) {
    if (entry.name.startsWith(`${name}.`) && entry.name.endsWith(".unfinished")) {
      Deno.removeSync(`${parentOf(folder)}/${entry.name}`, { recursive: true });
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
