/**
 * How much vLLM servers have to do, as they say at `/metrics`: requests that they run and requests that wait there,
 * whoever sent them. They are asked when there is something to choose, at most once a second.
 */

/** How often one server is asked. */
const askedMs = 1000;
/** What is older says nothing. */
const believedMs = 3000;
/** A server that is slower to answer has no say. */
const timeoutMs = 500;
/** The longest page that is read: vLLM's own has some 100 kB. */
const pageLengthMax = 2_000_000;

export interface ServerLoad {
  requests: number;
  atMs: number;
}

/** What a vLLM server says of itself, over all its engines and models. */
export interface VllmLoad {
  requestsRunning: number;
  requestsWaiting: number;
  /** How much of its cache of keys and values is in use, 0 to 1: that of the fullest engine; absent where it does not say. */
  kvCacheShare?: number;
  /** Tokens since the server's start; absent where it does not say. */
  tokensWritten?: number;
}

export class ServerLoads {
  readonly #loads = new Map<string, ServerLoad>();
  readonly #askedMs = new Map<string, number>();

  /**
   * @param baseUrl With the path of the API, which the metrics are not under.
   * @returns What the server said last; null where that is too old. It is asked again meanwhile.
   */
  read(baseUrl: string): ServerLoad | null {
    const nowMs = Date.now();
    if (nowMs - (this.#askedMs.get(baseUrl) ?? 0) >= askedMs) void this.ask(baseUrl);
    const load = this.#loads.get(baseUrl);
    return load !== undefined && nowMs - load.atMs < believedMs ? load : null;
  }

  /** Asks the server; whatever goes wrong means that it says nothing. */
  async ask(baseUrl: string): Promise<void> {
    this.#askedMs.set(baseUrl, Date.now());
    try {
      const load = await askVllm(baseUrl);
      if (load === null) return;
      const requests = load.requestsRunning + load.requestsWaiting;
      this.#loads.set(baseUrl, { requests, atMs: Date.now() });
    } catch {
      // The calls themselves tell what is wrong with it.
    }
  }
}

/**
 * @param baseUrl With the path of the API, which the metrics are not under.
 * @returns Null where the page does not say. @throws Where the server does not answer.
 */
export async function askVllm(baseUrl: string): Promise<VllmLoad | null> {
  const response = await fetch(`${baseUrl.replace(/\/v1$/, "")}/metrics`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  const page = await response.text();
  return response.ok && page.length <= pageLengthMax ? readVllmLoad(page) : null;
}

/** @returns Null where the page does not say. */
export function readVllmLoad(page: string): VllmLoad | null {
  const valuesOf = (name: string) =>
    [...page.matchAll(new RegExp(`^vllm:${name}(?:\\{.*\\})? (\\S+)$`, "gm"))]
      .map(([, value]) => Number(value));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const running = valuesOf("num_requests_running");
  const waiting = valuesOf("num_requests_waiting");
  const requests = sum([...running, ...waiting]);
  if (running.length + waiting.length === 0 || !Number.isFinite(requests)) return null;
  const share = Math.max(...valuesOf("kv_cache_usage_perc"));
  const written = valuesOf("generation_tokens_total");
  return {
    requestsRunning: sum(running),
    requestsWaiting: sum(waiting),
    ...(Number.isFinite(share) && { kvCacheShare: share }),
    ...(written.length > 0 && { tokensWritten: sum(written) }),
  };
}
