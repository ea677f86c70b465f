/**
 * The management endpoints of a vLLM server. Every failure is a {@linkcode ModelServerError} that says what the server
 * lacks or what it answered, and what to do about it.
 */
import { connectionReason } from "../../events/connection_reason.ts";
import type { ModelProblem, ModelServer, SleepLevel } from "../../events/contract/model_change.ts";
import { ownWords } from "../providers/own_words.ts";

/** What could not be done with a server, as a sentence for an operator. */
export class ModelServerError extends Error {
  override name = "ModelServerError";
  readonly problem: ModelProblem;

  constructor(problem: ModelProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** A model that a server lists. */
export interface ServedModel {
  name: string;
  /** Where its weights, or an adapter's, came from. */
  root: string;
  /** The model that an adapter belongs to; null for one of its own. */
  parent: string | null;
}

/** How much a server has been used. */
export interface ServerUse {
  /** Calls that it works on or that wait in it. */
  inFlight: number;
  /** Changes with every call that has ended, whoever made it. */
  mark: string;
}

/** How long a question may take that a server answers from memory. */
const answerMs = 5_000;

export class VllmServer {
  readonly #provider: string;
  readonly #origin: string;
  readonly #apiKey: string | undefined;
  readonly #signal: AbortSignal;

  /**
   * @param apiKey vLLM asks for it only beneath `/v1`; what stands before the server may ask everywhere.
   * @param signal Ends whatever is under way.
   */
  constructor({ provider, baseUrl }: ModelServer, apiKey: string | undefined, signal: AbortSignal) {
    this.#provider = provider;
    this.#origin = baseUrl.replace(/\/v1$/, "");
    this.#apiKey = apiKey;
    this.#signal = signal;
  }

  async isAsleep(): Promise<boolean> {
    const response = await this.#ask("GET", "/is_sleeping", { lacking: sleepIsMissing });
    const { is_sleeping }: { is_sleeping: boolean } = await response.json();
    return is_sleeping;
  }

  /** @returns How deep it sleeps; null where it is awake, or does not say. */
  async sleepLevel(): Promise<SleepLevel | null> {
    const samples = await this.#metrics();
    const holds = (state: string) =>
      samples.some(({ name, labels, value }) =>
        name === "engine_sleep_state" && labels.includes(`"${state}"`) && value === 1
      );
    if (holds("discard_all")) return 2;
    return holds("weights_offloaded") ? 1 : null;
  }

  /** Answers when the calls under way have ended; `isAsleep` is true from the beginning. */
  async sleep(level: SleepLevel): Promise<void> {
    await this.#change("/sleep", { level: String(level), mode: "wait" }, undefined, sleepIsMissing);
  }

  async wake(level: SleepLevel): Promise<void> {
    if (level === 1) return await this.#change("/wake_up", {}, undefined, sleepIsMissing);
    // The weights are gone: make room for them, read them again, and only then make room for the cache.
    await this.#change("/wake_up", { tags: "weights" }, undefined, sleepIsMissing);
    try {
      await this.reloadWeights();
    } finally {
      await this.#change("/wake_up", { tags: "kv_cache" }, undefined, sleepIsMissing);
    }
  }

  async reloadWeights(): Promise<void> {
    await this.#change("/collective_rpc", {}, { method: "reload_weights" }, sleepIsMissing);
    await this.#change("/reset_prefix_cache", {}, undefined, sleepIsMissing);
  }

  /** @throws ModelServerError where it lists none. */
  async models(): Promise<ServedModel[]> {
    const response = await this.#ask("GET", "/v1/models", {});
    const { data = [] }: { data?: { id: string; root?: string; parent?: string | null }[] } =
      await response.json();
    if (data.length === 0) throw this.#error("refused", "it lists no model");
    return data.map(({ id, root = "", parent = null }) => ({ name: id, root, parent }));
  }

  async loadAdapter(name: string, path: string): Promise<void> {
    const body = { lora_name: name, lora_path: path };
    await this.#change("/v1/load_lora_adapter", {}, body, adaptersAreMissing);
  }

  async unloadAdapter(name: string): Promise<void> {
    await this.#change("/v1/unload_lora_adapter", {}, { lora_name: name }, adaptersAreMissing);
  }

  async use(): Promise<ServerUse> {
    const samples = await this.#metrics();
    const sum = (...names: string[]) =>
      samples.filter(({ name }) => names.includes(name))
        .reduce((total, { value }) => total + value, 0);
    if (!samples.some(({ name }) => name === "num_requests_running")) {
      const what = "its /metrics do not tell whether it is used (was it started with " +
        "--disable-log-stats?)";
      throw this.#error("unsupported", what);
    }
    return {
      inFlight: sum("num_requests_running", "num_requests_waiting"),
      mark: ["prompt_tokens_total", "generation_tokens_total"].map((name) => sum(name)).join(" "),
    };
  }

  /** @returns What the model writes after the prompt, as its likeliest tokens. */
  async complete(model: string, prompt: string, tokens: number, withinMs: number): Promise<string> {
    const body = { model, prompt, max_tokens: tokens, temperature: 0, seed: 0 };
    const response = await this.#ask("POST", "/v1/completions", { body, withinMs });
    const { choices: [choice] }: { choices: { text: string }[] } = await response.json();
    return choice?.text ?? "";
  }

  async #metrics(): Promise<Sample[]> {
    const response = await this.#ask("GET", "/metrics", {});
    return [...(await response.text()).matchAll(samplePattern)].map(
      ([, name, labels = "", value]) => ({ name, labels, value: Number(value) }),
    );
  }

  async #change(
    path: string,
    query: Record<string, string>,
    body: unknown,
    lacking: string,
  ): Promise<void> {
    const search = new URLSearchParams(query).toString();
    const address = search === "" ? path : `${path}?${search}`;
    // As long as it takes: the caller's signal ends it.
    const response = await this.#ask("POST", address, { body, lacking, withinMs: null });
    await response.body?.cancel();
  }

  /** @param lacking What a server has been started without that does not know the path. */
  async #ask(
    method: string,
    path: string,
    { body, lacking, withinMs = answerMs }: {
      body?: unknown;
      lacking?: string;
      withinMs?: number | null;
    },
  ): Promise<Response> {
    const timeout = withinMs === null ? [] : [AbortSignal.timeout(withinMs)];
    let response: Response;
    try {
      response = await fetch(this.#origin + path, {
        method,
        headers: {
          ...(this.#apiKey && { authorization: `Bearer ${this.#apiKey}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.any([this.#signal, ...timeout]),
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      const reason = connectionReason(error);
      throw this.#error("unreachable", `it does not answer: ${reason}`, { cause: error });
    }
    if (response.ok) return response;
    throw this.#refusal(path, response.status, await response.text(), lacking);
  }

  #refusal(path: string, status: number, body: string, lacking: string | undefined) {
    const message = vllmMessage(body);
    // What is missing behind a path is vLLM's error; a path that is missing is not.
    if (lacking !== undefined && status === 404 && message === null) {
      return this.#error("unsupported", lacking);
    }
    if (status === 401 || status === 403) {
      return this.#error("refused", `its key is missing or wrong (it answers ${status})`);
    }
    if (message?.includes("LoRA is not enabled")) {
      return this.#error("unsupported", "the server was started without --enable-lora");
    }
    const problem = status >= 500 ? "failed" : "refused";
    const words = ownWords(message ?? body);
    const told = words === null ? "" : `: ${words}`;
    return this.#error(problem, `it answers ${status} to ${path}${told}`);
  }

  #error(problem: ModelProblem, what: string, options?: ErrorOptions): ModelServerError {
    return new ModelServerError(problem, `${this.#provider}: ${what}`, options);
  }
}

const sleepIsMissing = "the server was started without VLLM_SERVER_DEV_MODE=1, which its " +
  "endpoints for sleep need, beside --enable-sleep-mode";
const adaptersAreMissing = "the server was started without " +
  "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, which loading adapters needs, beside --enable-lora";

interface Sample {
  /** Without `vllm:`. */
  name: string;
  /** As they stand between the braces. */
  labels: string;
  value: number;
}

/** A line of Prometheus' text format. */
const samplePattern = /^vllm:([a-z_]+)(?:\{([^}]*)\})? ([0-9.e+-]+)$/gm;

/** @returns What vLLM says is wrong; null where the answer is not vLLM's. */
function vllmMessage(body: string): string | null {
  try {
    return JSON.parse(body).error.message;
  } catch {
    return null;
  }
}
