/**
 * The data folder as one start holds it: no second start may use it at once, and what an earlier one left running
 * after its own sudden death is ended before anything new touches the files.
 */
import { endProcessGroup, type ProcessIdentity, processIdentity } from "./process_identity.ts";

export interface DataFolder {
  readonly path: string;
  /** For files that are made anew at each start. */
  readonly runFolder: string;
  /** Keeps on the disk what runs now, for a start that comes after a sudden death of this one. */
  record(processes: RunningProcess[]): void;
  /** Lets another start use the folder. */
  close(): void;
}

/** A process that works on the data folder. It leads a process group of its own. */
export interface RunningProcess {
  name: string;
  pid: number;
}

/** The data folder is in use. */
export class DataFolderInUseError extends Error {
  override name = "DataFolderInUseError";
}

/** The data folder cannot be written. */
export class DataFolderError extends Error {
  override name = "DataFolderError";
}

/**
 * Makes the folder where it is missing, takes it for this process, and ends what a killed start left behind.
 *
 * @param say Is told of each process that is ended, and of notes that cannot be written.
 * @throws DataFolderInUseError where another start has it, DataFolderError where it cannot be written.
 */
export async function openDataFolder(
  path: string,
  say: (line: string) => void,
): Promise<DataFolder> {
  const runFolder = `${path}/run`;
  const lock = openLock(path, runFolder);
  // The system lets go of the lock when its holder ends, however it ends.
  if (!lock.tryLockSync(true)) {
    lock.close();
    const holder = Deno.readTextFileSync(`${runFolder}/start.lock`).trim();
    throw new DataFolderInUseError(
      `Cannot use the data folder ${path}: a Turnlog that runs already has it (process ${holder}). ` +
        "Stop that one, or name another folder with --data or TURNLOG_DATA.",
    );
  }
  usable(path, () => {
    lock.truncateSync();
    lock.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  });

  const processesFile = processesFileOf(runFolder);
  await endLeftProcesses(processesFile, say);
  return {
    path,
    runFolder,
    record(processes) {
      try {
        writeRecords(processesFile, processes);
      } catch (error) {
        // What runs must not end for want of a note about it.
        const reason = error instanceof Error ? error.message : error;
        say(`Cannot note in ${processesFile} what runs: ${reason}`);
      }
    },
    close() {
      lock.close();
    },
  };
}

/** @returns The file in which a start notes what runs. */
export function processesFileOf(runFolder: string): string {
  return `${runFolder}/processes.json`;
}

function openLock(path: string, runFolder: string): Deno.FsFile {
  return usable(path, () => {
    Deno.mkdirSync(runFolder, { recursive: true, mode: 0o700 });
    return Deno.openSync(`${runFolder}/start.lock`, { create: true, read: true, write: true });
  });
}

/** @throws DataFolderError where the folder cannot be written: a file has its name, the disk is full, it is another user's. */
function usable<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new DataFolderError(
      `Cannot use the data folder ${path}: ${reason}. ` +
        "It must be a folder on a disk with room, which this user may write; name another with --data or TURNLOG_DATA.",
      { cause: error },
    );
  }
}

interface LeftProcess extends RunningProcess {
  identity: ProcessIdentity;
}

async function endLeftProcesses(file: string, say: (line: string) => void): Promise<void> {
  const left = readRecords(file).filter(({ pid, identity }) => processIdentity(pid) === identity);
  await Promise.all(left.map(async ({ name, pid }) => {
    say(`Ending ${name} (process ${pid}), which an earlier start left behind`);
    await endProcessGroup(pid);
  }));
}

function writeRecords(file: string, processes: RunningProcess[]): void {
  const records = processes.flatMap(({ name, pid }): LeftProcess[] => {
    const identity = processIdentity(pid);
    return identity === null ? [] : [{ name, pid, identity }];
  });
  // Renamed, so that a death in the middle leaves the old list or the new one.
  Deno.writeTextFileSync(`${file}.new`, JSON.stringify(records));
  Deno.renameSync(`${file}.new`, file);
}

function readRecords(file: string): LeftProcess[] {
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
