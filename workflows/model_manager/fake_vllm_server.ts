/**
 * A server that sleeps, wakes and takes adapters as vLLM does, for the tests. Statuses and bodies were recorded from vLLM
 * 0.32.0 with `VLLM_SERVER_DEV_MODE=1`, `--enable-lora` and `VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`, and from one without
 * them: while it sleeps, `/health` and `/v1/models` answer and completions hang until it wakes; `/sleep?mode=wait` answers
 * when the calls under way have ended, and `/is_sleeping` is true from its beginning; a wake of the weights alone leaves
 * it asleep; an error of a path that is missing is FastAPI's, one of what is missing behind it is vLLM's.
 */
import { simulateAnswer } from "../providers/simulated_answer.ts";

export interface FakeVllmOptions {
  /** The endpoints for sleep are there. */
  devMode?: boolean;
  /** `added`: with `--enable-lora`; `path-only`: the paths are there, the engine refuses. */
  adapters?: "added" | "path-only" | "none";
  /** How long a wake takes. */
  wakeMs?: number;
  /** Between two tokens. */
  tokenMs?: number;
  port?: number;
}

/** What the server was asked, as `POST /sleep?level=1`. */
type Seen = string;

const model = "tiny";
const modelRoot = "/models/tiny";
/** Where there is an adapter. */
export const adapterPath = "/adapters/poet";

export class FakeVllm implements AsyncDisposable {
  /** In order, without questions that change nothing. */
  readonly changes: Seen[] = [];
  /** Completions, by the model that was asked. */
  readonly calls: { model: string; isCanary: boolean }[] = [];
  /** What the next wakes write when they are asked for a completion; the model itself where it is empty. */
  spoiledWakes = 0;
  /** How many completions ran when it was put to sleep. */
  readonly inFlightAtSleep: number[] = [];
  readonly #options: Required<Omit<FakeVllmOptions, "port">>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #adapters = new Map<string, string>();
  #level: 0 | 1 | 2 = 0;
  #isSpoiled = false;
  #inFlight = 0;
  #tokens = 0;
  #awake = Promise.withResolvers<void>();
  #idle = Promise.withResolvers<void>();
  #waking: Promise<void> | null = null;

  constructor(
    { devMode = true, adapters = "added", wakeMs = 0, tokenMs = 0, port = 0 }: FakeVllmOptions = {},
  ) {
    this.#options = { devMode, adapters, wakeMs, tokenMs };
    this.#awake.resolve();
    this.#idle.resolve();
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Without `/v1`. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  get isAsleep(): boolean {
    return this.#level > 0;
  }

  /** How many of the changes begin so. */
  count(change: string): number {
    return this.changes.filter((seen) => seen.startsWith(change)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wakeAll();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const route = `${request.method} ${pathname}`;
    const body = request.method === "POST" ? await request.json().catch(() => null) : null;
    if (request.method === "POST" && !pathname.includes("completions")) {
      this.changes.push(route + search);
    }
    switch (route) {
      case "GET /health":
        return new Response();
      case "GET /version":
        return Response.json({ version: "0.32.0" });
      case "GET /v1/models":
        return Response.json({ object: "list", data: this.#models() });
      case "GET /metrics":
        return new Response(this.#metrics());
      case "POST /v1/chat/completions":
      case "POST /v1/completions":
        return await this.#complete(pathname, body, request.signal);
    }
    if (this.#options.devMode) {
      switch (route) {
        case "GET /is_sleeping":
          return Response.json({ is_sleeping: this.isAsleep });
        case "POST /sleep":
          return await this.#sleep(Number(searchParams.get("level") ?? 1) as 1 | 2);
        case "POST /wake_up":
          return await this.#wake(searchParams.getAll("tags"));
        case "POST /collective_rpc":
          this.#isSpoiled = this.spoiledWakes > 0;
          return Response.json({ results: [null] });
        case "POST /reset_prefix_cache":
          return Response.json({ success: true });
      }
    }
    if (this.#options.adapters !== "none") {
      if (route === "POST /v1/load_lora_adapter") return this.#load(body);
      if (route === "POST /v1/unload_lora_adapter") return this.#unload(body);
      if (pathname.endsWith("_lora_adapter")) return detail(405, "Method Not Allowed");
    }
    return detail(404, "Not Found");
  }

  async #sleep(level: 1 | 2): Promise<Response> {
    this.inFlightAtSleep.push(this.#inFlight);
    if (!this.isAsleep) this.#awake = Promise.withResolvers<void>();
    this.#level = level;
    await this.#idle.promise;
    return Response.json({ status: "sleeping", level });
  }

  async #wake(tags: string[]): Promise<Response> {
    if (this.isAsleep) {
      this.#waking ??= new Promise((resolve) => setTimeout(resolve, this.#options.wakeMs));
      await this.#waking;
      this.#waking = null;
      if (tags.includes("weights") && tags.length === 1) {
        return Response.json({ status: "sleeping", tags });
      }
      // Weights that were dropped come back only when they are read again.
      if (this.#level === 2 && tags.length === 0) this.#isSpoiled = true;
      else if (this.spoiledWakes > 0) this.#isSpoiled = true;
      if (this.spoiledWakes > 0) this.spoiledWakes--;
      this.#wakeAll();
    }
    return Response.json({ status: "awake", tags: tags.length > 0 ? tags : null });
  }

  #wakeAll(): void {
    this.#level = 0;
    this.#awake.resolve();
  }

  async #complete(
    path: string,
    // deno-lint-ignore no-explicit-any -- whatever a client sends
    body: any,
    signal: AbortSignal,
  ): Promise<Response> {
    if (body.model !== model && !this.#adapters.has(body.model)) {
      const aliases = [model, ...this.#adapters.keys()].join(", ");
      return error(
        404,
        "NotFoundError",
        `The model \`${body.model}\` does not exist. Valid aliases: ${aliases}.`,
      );
    }
    await this.#awake.promise;
    // Who has gone away meanwhile is answered by nobody.
    if (signal.aborted) return new Response(null, { status: 499 });
    const isCanary = path === "/v1/completions";
    this.calls.push({ model: body.model, isCanary });
    const question = body.messages?.at(-1).content ?? body.prompt;
    const words = this.#isSpoiled
      ? Array.from({ length: 16 }, () => "!")
      : simulateAnswer(`${body.model === model ? "" : `${body.model}: `}${question}`);
    if (isCanary) {
      this.#tokens += words.length;
      const choices = [{ index: 0, text: words.join(""), finish_reason: "length" }];
      return Response.json({ object: "text_completion", model: body.model, choices });
    }
    return new Response(ReadableStream.from(this.#stream(body.model, words, signal)), {
      headers: { "content-type": "text/event-stream" },
    });
  }

  async *#stream(
    answeredBy: string,
    words: string[],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    const frame = (content: object | string) =>
      encoder.encode(
        `data: ${typeof content === "string" ? content : JSON.stringify(content)}\n\n`,
      );
    const chunk = (delta: object, finish_reason: string | null = null) =>
      frame({
        id: "chatcmpl-fake",
        object: "chat.completion.chunk",
        model: answeredBy,
        choices: [{ index: 0, delta, finish_reason }],
      });
    if (this.#inFlight++ === 0) this.#idle = Promise.withResolvers<void>();
    try {
      for (const content of words) {
        if (signal.aborted) return;
        if (this.#options.tokenMs > 0) {
          await new Promise((resolve) => setTimeout(resolve, this.#options.tokenMs));
        }
        this.#tokens++;
        yield chunk({ content });
      }
      yield chunk({}, "stop");
      yield frame("[DONE]");
    } finally {
      if (--this.#inFlight === 0) this.#idle.resolve();
    }
  }

  // deno-lint-ignore no-explicit-any
  #load(body: any): Response {
    const { lora_name: name, lora_path: path } = body;
    if (this.#options.adapters === "path-only") {
      const message = "Call to add_lora method failed: Worker failed with error 'LoRA is not " +
        "enabled. Use --enable-lora to enable LoRA.', please check the stack trace above";
      return error(500, "InternalServerError", message);
    }
    if (this.#adapters.has(name)) {
      const message = `The lora adapter '${name}' has already been loaded. If you want to load ` +
        "the adapter in place, set 'load_inplace' to True.";
      return error(400, "InvalidUserInput", message);
    }
    if (path !== adapterPath) {
      const message = `Loading lora ${name} failed: No adapter found for ${path}`;
      return error(404, "NotFoundError", message);
    }
    this.#adapters.set(name, path);
    return new Response(`Success: LoRA adapter '${name}' added successfully.`);
  }

  // deno-lint-ignore no-explicit-any
  #unload(body: any): Response {
    const name = body.lora_name;
    if (!this.#adapters.delete(name)) {
      return error(404, "NotFoundError", `The lora adapter '${name}' cannot be found.`);
    }
    return new Response(`Success: LoRA adapter '${name}' removed successfully.`);
  }

  #models() {
    const listed = { object: "model", owned_by: "vllm" };
    return [
      { ...listed, id: model, root: modelRoot, parent: null, max_model_len: 2048 },
      ...[...this.#adapters].map(([id, root]) => ({
        ...listed,
        id,
        root,
        parent: model,
        max_model_len: null,
      })),
    ];
  }

  #metrics(): string {
    const labels = `engine="0",model_name="${model}"`;
    const states = ["awake", "weights_offloaded", "discard_all"];
    return [
      "# TYPE vllm:num_requests_running gauge",
      `vllm:num_requests_running{${labels}} ${this.#inFlight}.0`,
      `vllm:num_requests_waiting{${labels}} 0.0`,
      ...states.map((state, level) =>
        `vllm:engine_sleep_state{${labels},sleep_state="${state}"} ${
          level === this.#level ? "1.0" : "0.0"
        }`
      ),
      `vllm:prompt_tokens_total{${labels}} ${this.#tokens}.0`,
      `vllm:generation_tokens_total{${labels}} ${this.#tokens}.0`,
      "",
    ].join("\n");
  }
}

/** As FastAPI answers what it does not know. */
function detail(status: number, text: string): Response {
  return Response.json({ detail: text }, { status });
}

/** As vLLM answers what it does not do. */
function error(status: number, type: string, message: string): Response {
  return Response.json({ error: { message, type, param: null, code: status } }, { status });
}
