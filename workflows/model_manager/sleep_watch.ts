/**
 * Whether a server sleeps, asked before a call and while one waits for its first word: a server that sleeps lets calls
 * hang, and says so only where it is asked.
 */
import type { ModelServer } from "../../events/contract/model_change.ts";
import type { Candidate } from "../../events/contract/turn_plan.ts";
import type { ResolveKey } from "../../events/key_reference.ts";
import {
  type Provider,
  type ProviderCall,
  type ProviderChunk,
  ProviderError,
} from "../providers/provider.ts";
import { ModelServerError, VllmServer } from "./vllm_server.ts";

/** A call that was not made, as its server sleeps: nothing is stated of it, and the turn wakes the server first. */
export interface AsleepResult {
  outcome: "asleep";
  server: ModelServer;
}

type Wakefulness = "awake" | "asleep" | "cannot-sleep" | "unknown";

/** How long an answer is believed: a call that finds a server awake must not find it asleep when it arrives. */
const believedMs: Record<Wakefulness, number> = {
  "awake": 200,
  "asleep": 0,
  "cannot-sleep": 60_000,
  "unknown": 1000,
};
/** A server that has not said it by then is called: the call tells what is wrong with it. */
const answerMs = 250;
/** How often a call that waits for its first word asks. */
const pollMs = 1000;

/** A server that was awake so short a time ago is taken to be awake by those who cannot wait for its answer. */
const likelyMs = 10_000;

interface Known {
  wakefulness: Wakefulness;
  askedMs: number;
}

/** By the server's address. Those who ask at once share one question. */
const knownServers = new Map<string, Known>();
const questions = new Map<string, Promise<Wakefulness>>();

/**
 * Costs a call nothing where the server cannot sleep, once that is known, or was asked a moment ago.
 *
 * @returns The candidate's server where it sleeps; null where it does not, or does not say.
 */
export async function asleepServer(
  candidate: Candidate,
  resolveKey: ResolveKey,
): Promise<ModelServer | null> {
  const server = managedServer(candidate);
  return server !== null && await isAsleep(server, resolveKey) ? server : null;
}

async function isAsleep(server: ModelServer, resolveKey: ResolveKey): Promise<boolean> {
  const known = knownServers.get(server.baseUrl);
  if (known !== undefined && Date.now() - known.askedMs < believedMs[known.wakefulness]) {
    return known.wakefulness === "asleep";
  }
  const question = ask(server, resolveKey);
  // It may have been started anew meanwhile, with what sleep takes; that can be found out beside the call.
  if (known?.wakefulness === "cannot-sleep") return false;
  return await question === "asleep";
}

/**
 * For a call that cannot wait for the answer, and can be left to one that does. What is not known is found out for the
 * next one.
 *
 * @returns Whether the candidate's server cannot sleep, or was awake a moment ago.
 */
export function isLikelyAwake(candidate: Candidate, resolveKey: ResolveKey): boolean {
  const server = managedServer(candidate);
  const known = server === null ? undefined : knownServers.get(server.baseUrl);
  if (server === null || known?.wakefulness === "cannot-sleep") return true;
  void ask(server, resolveKey);
  return known !== undefined && known.wakefulness !== "asleep" &&
    Date.now() - known.askedMs < likelyMs;
}

/** @returns The provider, with calls that fail as `asleep` where the server falls asleep before their first word. */
export function guardAgainstSleep(
  provider: Provider,
  candidate: Candidate,
  resolveKey: ResolveKey,
): Provider {
  const server = managedServer(candidate);
  if (server === null) return provider;
  return { ...provider, stream: (call) => guarded(provider, call, server, resolveKey) };
}

async function* guarded(
  provider: Provider,
  call: ProviderCall,
  server: ModelServer,
  resolveKey: ResolveKey,
): AsyncGenerator<ProviderChunk> {
  // What hangs is taken back, or the server would answer it when it is awake.
  const over = new AbortController();
  const signal = AbortSignal.any([call.signal, over.signal]);
  const chunks = provider.stream({ ...call, signal })[Symbol.asyncIterator]();
  using asleep = untilAsleep(server, resolveKey);
  try {
    let next = await Promise.race([chunks.next(), asleep.rejection]);
    asleep[Symbol.dispose]();
    while (!next.done) {
      yield next.value;
      next = await chunks.next();
    }
  } finally {
    over.abort();
    // Not awaited: what hangs would hold the turn.
    chunks.return?.().catch(() => {});
  }
}

function untilAsleep(
  server: ModelServer,
  resolveKey: ResolveKey,
): Disposable & { rejection: Promise<never> } {
  const { promise: rejection, reject } = Promise.withResolvers<never>();
  rejection.catch(() => {});
  const look = async () => {
    if (knownServers.get(server.baseUrl)?.wakefulness === "cannot-sleep") return;
    if (!await isAsleep(server, resolveKey)) return;
    const message = `${server.provider} sleeps, and does not answer before it is awake`;
    reject(new ProviderError({ class: "asleep", message }));
  };
  look();
  const timer = setInterval(look, pollMs);
  return { rejection, [Symbol.dispose]: () => clearInterval(timer) };
}

function ask(server: ModelServer, resolveKey: ResolveKey): Promise<Wakefulness> {
  const { baseUrl } = server;
  let question = questions.get(baseUrl);
  if (question === undefined) {
    question = wakefulnessOf(server, resolveKey).then((wakefulness) => {
      knownServers.set(baseUrl, { wakefulness, askedMs: Date.now() });
      questions.delete(baseUrl);
      return wakefulness;
    });
    questions.set(baseUrl, question);
  }
  return question;
}

async function wakefulnessOf(server: ModelServer, resolveKey: ResolveKey): Promise<Wakefulness> {
  const timeout = AbortSignal.timeout(answerMs);
  try {
    const vllm = new VllmServer(server, resolveKey(server.apiKey), timeout);
    return await vllm.isAsleep() ? "asleep" : "awake";
  } catch (error) {
    const isMissing = error instanceof ModelServerError && error.problem === "unsupported";
    return isMissing ? "cannot-sleep" : "unknown";
  }
}

/** @returns The server behind a candidate, where it is one that can be managed. */
function managedServer(
  { vllm, provider, baseUrl, apiKey }: Candidate,
): ModelServer | null {
  if (!vllm || baseUrl === undefined) return null;
  return { provider, baseUrl, ...(apiKey !== undefined && { apiKey }) };
}
