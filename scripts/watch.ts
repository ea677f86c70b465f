/** Restarts the process that a changed source file belongs to: for those who work on Turnlog. */
import { relative } from "node:path";
import type { Role } from "./config.ts";
import type { Output } from "./output.ts";
import type { Stack } from "./stack.ts";

/** An editor that saves several files, or one in several steps, causes one restart. */
const settleMs = 200;

const watchedFolders = ["api", "workflows", "analytics", "events", "web"];

export interface SourceWatcher {
  close(): void;
}

/** Watches the sources in the current folder until it is closed. */
export function watchSources(stack: Stack, output: Output): SourceWatcher {
  const watcher = Deno.watchFs(watchedFolders.filter(isFolder));
  const waiting = new Set<Role>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reloading = Promise.resolve();

  async function reloadWaiting(): Promise<void> {
    const roles = [...waiting];
    waiting.clear();
    for (const role of roles) {
      output.line(`A source changed: restarting ${role}`);
      // What is wrong with the source was printed; the next change may mend it.
      await stack.reload(role).catch((error: Error) => output.line(error.message));
    }
  }

  async function watch(): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      for (const path of paths) {
        for (const role of rolesOf(relative(Deno.cwd(), path))) {
          if (stack.settings.TURNLOG_ROLES.includes(role)) waiting.add(role);
        }
      }
      clearTimeout(timer);
      timer = setTimeout(() => reloading = reloading.then(reloadWaiting), settleMs);
    }
  }
  watch();
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}

/**
 * @param path Relative to the project's folder.
 * @returns The processes in which the source file is loaded; none for a test.
 */
export function rolesOf(path: string): Role[] {
  if (/_test\.ts$|~$|\.swp$/.test(path)) return [];
  switch (path.split("/")[0]) {
    case "events":
      return ["api", "worker", "ingest"];
    case "workflows":
      return ["worker"];
    case "analytics":
      return ["ingest"];
    case "api":
    // The api computes from the pages, at its start, what a browser may run.
    case "web":
      return ["api"];
    default:
      return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
