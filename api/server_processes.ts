/**
 * The servers of models that `deno task start` runs beside this process: how they are, and the way to start and stop
 * them, by asking it. Where nobody started this process so, as in a container, there are none.
 */
import type { ServerProcessState } from "../events/contract/api.ts";
import { connectionReason } from "../events/connection_reason.ts";
import { loggerOf } from "../events/logging.ts";
import { ProblemError } from "./problem.ts";

/** Where the start listens, and what it must be told to listen to. */
export interface Supervisor {
  url: string;
  token: string;
}

/** What an operator may want a server's process to be. */
export type WantedProcess = Exclude<ServerProcessState, "failed">;

const log = loggerOf("api", "models");

const readMs = 1000;
/** A server has ten seconds to end by itself before it is killed; a busy machine takes some more. */
const changeMs = 30_000;

export class ServerProcesses {
  readonly #supervisor: Supervisor | undefined;

  /** @param supervisor Undefined where no start runs here. */
  constructor(supervisor: Supervisor | undefined) {
    this.#supervisor = supervisor;
  }

  /** @returns How each server is that is run here, by its provider; none where that cannot be told. */
  async states(): Promise<Record<string, ServerProcessState>> {
    if (this.#supervisor === undefined) return {};
    try {
      return await (await ask(this.#supervisor, "/", { method: "GET" }, readMs)).json();
    } catch (error) {
      log.warn("The start does not tell how its servers of models are", { error });
      return {};
    }
  }

  /**
   * Resolves when the process has ended, or was begun: its models answer later.
   *
   * @returns Whether that changed anything.
   * @throws ProblemError where it is not run here.
   */
  async change(provider: string, wanted: WantedProcess): Promise<boolean> {
    if (this.#supervisor === undefined) {
      throw new ProblemError(
        "model-unmanageable",
        `${provider} is not run by Turnlog: only servers that deno task start runs beside the api ` +
          "can be started and stopped here. Do it where it runs",
      );
    }
    const init = { method: "PUT", body: JSON.stringify({ state: wanted }) };
    let response: Response;
    try {
      const path = `/${encodeURIComponent(provider)}`;
      response = await ask(this.#supervisor, path, init, changeMs);
    } catch (cause) {
      const detail = `The start that runs ${provider} cannot be asked: ${connectionReason(cause)}`;
      throw new ProblemError("model-change-failed", detail, { cause });
    }
    if (response.status === 404) {
      await response.body?.cancel();
      throw new ProblemError(
        "model-unmanageable",
        `The start does not run ${provider}: it was not in turnlog.yaml with its address when ` +
          "Turnlog was started. Start it anew",
      );
    }
    const { changed }: { changed: boolean } = await response.json();
    return changed;
  }
}

/** @throws Error where there is no answer in time, or none that is meant for us. */
async function ask(
  { url, token }: Supervisor,
  path: string,
  init: RequestInit,
  withinMs: number,
): Promise<Response> {
  const response = await fetch(url + path, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(withinMs),
  });
  if (response.ok || response.status === 404) return response;
  throw new Error(`it answers ${response.status}: ${await response.text()}`);
}
