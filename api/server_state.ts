/**
 * What a server of models says of itself beyond its list: which software it is, whether it is well, whether it sleeps, and
 * what it can be asked to change. vLLM, llama.cpp and Ollama each have their own way.
 */
import { connectionReason } from "../events/connection_reason.ts";

/** The software by the owner that its list of models names; null for any other. */
export type ServerSoftware = "vllm" | "llama.cpp" | "ollama" | null;

export interface ServerState {
  state: "awake" | "asleep" | "loading" | "failed";
  /** Why it is not well; null where it is. */
  reason: string | null;
  /** Whether it can be put to sleep, and be given adapters, while it runs. */
  canSleep: boolean;
  takesAdapters: boolean;
}

const softwareOfOwner: Record<string, ServerSoftware> = {
  vllm: "vllm",
  llamacpp: "llama.cpp",
  library: "ollama",
};

/** A server that has not answered by then does not say. */
const timeoutMs = 1500;

export function softwareOf(ownedBy: string | undefined): ServerSoftware {
  return softwareOfOwner[ownedBy ?? ""] ?? null;
}

/** @param baseUrl Of the API that is compatible with OpenAI's; the rest is beside its `/v1`. */
export async function readServerState(
  baseUrl: string,
  software: ServerSoftware,
  apiKey: string | undefined,
): Promise<ServerState> {
  const origin = baseUrl.replace(/\/v1$/, "");
  const ask = (path: string) =>
    fetch(origin + path, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
  try {
    switch (software) {
      case "vllm":
        return await stateOfVllm(ask);
      case "llama.cpp":
        return await stateByHealth(await ask("/health"));
      case "ollama":
        return await stateByHealth(await ask("/api/version"));
      case null:
        return well;
    }
  } catch (error) {
    return { ...well, state: "failed", reason: `it does not answer: ${connectionReason(error)}` };
  }
}

const well: ServerState = { state: "awake", reason: null, canSleep: false, takesAdapters: false };

type Ask = (path: string) => Promise<Response>;

async function stateOfVllm(ask: Ask): Promise<ServerState> {
  const [health, sleep, adapters] = await Promise.all([
    ask("/health").then(stateByHealth),
    ask("/is_sleeping"),
    // To read what only takes changes is refused with 405, and changes nothing.
    ask("/v1/load_lora_adapter").then(statusOf),
  ]);
  const canSleep = sleep.ok;
  const isAsleep = await readSleep(sleep);
  return {
    ...health,
    ...(health.state === "awake" && isAsleep && { state: "asleep" }),
    canSleep,
    takesAdapters: adapters === 405,
  };
}

async function readSleep(response: Response): Promise<boolean> {
  if (!response.ok) {
    await response.body?.cancel();
    return false;
  }
  const { is_sleeping }: { is_sleeping: boolean } = await response.json();
  return is_sleeping;
}

/** vLLM and llama.cpp answer 503 where they are not well, llama.cpp also while it loads its model. */
async function stateByHealth(response: Response): Promise<ServerState> {
  const text = await response.text();
  if (response.ok) return well;
  return isLoading(response.status, text)
    ? { ...well, state: "loading", reason: "it is loading its model" }
    : {
      ...well,
      state: "failed",
      reason: `it answers ${response.status} when asked for its health`,
    };
}

/** @returns Whether an answer is llama.cpp's that it is still loading. */
export function isLoading(status: number, body: string): boolean {
  return status === 503 && /loading model/i.test(body);
}

async function statusOf(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}
