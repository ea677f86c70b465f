/** An engine's official release archive: one pinned file, used only where its checksum is the known one. */
import { createHash } from "node:crypto";
import { runCommand } from "../run_command.ts";
import type { InstallProgress } from "./engine.ts";

export interface ReleaseArchive {
  /** At its vendor's, with the version in it. */
  url: string;
  /** In hexadecimal digits. */
  sha256: string;
}

/** How long the server may take to answer at all, in milliseconds. There is another way, so this is short. */
const answerWithinMs = 4000;
/** How long a download may stand still. */
const stallMs = 15_000;

/** The bytes are not those that were published. */
export class ChecksumError extends Error {
  override name = "ChecksumError";
}

/**
 * @param releases Another web folder to take the archive from, where it lies under its own name.
 * @returns Where the archive is taken from; null where archives are left out.
 */
export function archiveAddress(
  archive: ReleaseArchive,
  releases: string | undefined,
): string | null {
  if (releases === "none") return null;
  if (releases === undefined) return archive.url;
  return `${releases.replace(/\/$/, "")}/${archive.url.slice(archive.url.lastIndexOf("/") + 1)}`;
}

/** @returns Whether the address answers with a file, within a few seconds. */
export async function isReachable(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(answerWithinMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Downloads an archive, checks it, and unpacks it into a folder.
 *
 * @param address As {@linkcode archiveAddress} answers it.
 * @param members The paths in the archive that are wanted, as `tar` takes them; all where empty.
 * @param strip How many leading parts of each path are left out.
 * @throws ChecksumError where the file is not the published one; nothing of it is unpacked then.
 */
export async function unpackArchive(
  { archive, address, folder, members, strip, progress }: {
    archive: ReleaseArchive;
    address: string;
    folder: string;
    members: string[];
    strip: number;
    progress: InstallProgress;
  },
): Promise<void> {
  const file = `${folder}/archive.tar.gz`;
  const found = await download(address, file, progress);
  if (found !== archive.sha256) {
    throw new ChecksumError(
      `Cannot use ${address}: its SHA-256 is ${found}, and the published one is ${archive.sha256}`,
    );
  }
  progress.detail("unpacking");
  await runCommand({
    command: "tar",
    args: ["-xzf", file, "-C", folder, `--strip-components=${strip}`, ...members],
    environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    signal: progress.signal,
  });
  Deno.removeSync(file);
}

/** @returns The SHA-256 of what was downloaded. */
async function download(
  address: string,
  file: string,
  { detail, signal }: InstallProgress,
): Promise<string> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), answerWithinMs);
  try {
    const response = await fetch(address, { signal: AbortSignal.any([signal, stalled.signal]) });
    if (!response.ok || response.body === null) {
      throw new Error(`Cannot download ${address}: the server answered ${response.status}`);
    }
    const total = Number(response.headers.get("content-length") ?? 0);
    const hash = createHash("sha256");
    let bytes = 0;
    using target = await Deno.open(file, { create: true, write: true, truncate: true });
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stallMs);
      hash.update(chunk);
      for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await target.write(rest));
      bytes += chunk.length;
      detail(`${megabytes(bytes)} of ${megabytes(total)} MB`);
    }
    return hash.digest("hex");
  } catch (error) {
    if (stalled.signal.aborted) {
      throw new Error(`Cannot download ${address}: no answer for ${stallMs / 1000} s`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function megabytes(bytes: number): string {
  return bytes === 0 ? "?" : String(Math.ceil(bytes / 1e6));
}
