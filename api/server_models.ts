/** Which models a compatible server lists, asked now and then, to say whether it is there, how it is, and what `auto` is. */
import { connectionReason } from "../events/connection_reason.ts";
import { loggerOf } from "../events/logging.ts";
import { rootCause } from "../events/root_cause.ts";
import {
  isLoading,
  readServerState,
  type ServerSoftware,
  type ServerState,
  softwareOf,
} from "./server_state.ts";

export type ServerModels =
  | ({ reachable: true; models: ServerModel[]; software: ServerSoftware } & ServerState)
  /** Why not, as a sentence. */
  | { reachable: false; reason: string; isLoading: boolean };

export interface ServerModel {
  name: string;
  /** vLLM tells it; others do not. */
  contextTokens: number | null;
  /** The model that an adapter belongs to; null for a model of its own. */
  parent: string | null;
}

const log = loggerOf("api", "models");

/** An answer is believed for so long. */
const believedMs = 5000;
/** A server that has not answered by then is not reachable. */
const timeoutMs = 1500;

interface ModelList {
  data?: { id: string; max_model_len?: number; owned_by?: string; parent?: string | null }[];
}

export class ServerModelsReader {
  readonly #answers = new Map<string, { answer: Promise<ServerModels>; untilMs: number }>();

  /** @param apiKey Sent if there is one. */
  read(baseUrl: string, apiKey: string | undefined): Promise<ServerModels> {
    const known = this.#answers.get(baseUrl);
    if (known !== undefined && known.untilMs > Date.now()) return known.answer;
    const answer = ask(baseUrl, apiKey);
    this.#answers.set(baseUrl, { answer, untilMs: Date.now() + believedMs });
    return answer;
  }

  /** Asks anew the next time: the server was just changed. */
  forget(baseUrl: string): void {
    this.#answers.delete(baseUrl);
  }
}

async function ask(baseUrl: string, apiKey: string | undefined): Promise<ServerModels> {
  try {
    const response = await fetch(`${baseUrl}/models`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) return notReachable(response.status, await response.text());
    const { data = [] }: ModelList = await response.json();
    if (data.length === 0) {
      return { reachable: false, reason: "the server lists no model", isLoading: false };
    }
    const software = softwareOf(data[0].owned_by);
    const models = data.map(({ id, max_model_len, parent }) => ({
      name: id,
      contextTokens: max_model_len ?? null,
      parent: parent ?? null,
    }));
    const state = await readServerState(baseUrl, software, apiKey);
    return { reachable: true, models, software, ...state };
  } catch (error) {
    log.debug("A server does not list its models", { cause: rootCause(error) });
    const reason = `the server cannot be reached: ${connectionReason(error)}`;
    return { reachable: false, reason, isLoading: false };
  }
}

function notReachable(status: number, body: string): ServerModels {
  if (isLoading(status, body)) {
    return { reachable: false, reason: "the server is loading its model", isLoading: true };
  }
  const hint = status === 401 ? ": its key is missing or wrong" : "";
  return { reachable: false, reason: `the server answers ${status}${hint}`, isLoading: false };
}
