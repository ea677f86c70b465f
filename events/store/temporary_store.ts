/** A store for one test, in a folder that goes with it. */
import type { EventStore } from "./event_store.ts";
import { openSqliteStore } from "./sqlite_store.ts";

/** @param run Is given the store, and the path of its file. */
export async function withStore(
  run: (store: EventStore, path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/turnlog.db`;
  const store = openSqliteStore(path);
  try {
    await run(store, path);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}
