/**
 * Every way in which a provider fails, before the first token, in the middle and at the end of an answer, and every way in
 * which it goes on: each of them a turn of its own, with endpoints of its own.
 */
import type { FailureClass } from "../../events/contract/failure.ts";
import type { Behaviour, Fault } from "../../scripts/load/mock_openai.ts";

export type Phase = "before" | "middle" | "end";
/** Whether the provider recovers at once, the next one answers, or all are down and come back. */
export type Recovery = "same" | "next" | "down";

export interface Failing {
  phase: Phase;
  /** What the provider does. */
  what: string;
  /** What that is; null where the answer is complete all the same. */
  class: FailureClass | null;
  behaviour: Behaviour;
  /** Nobody answers at the provider's address. */
  isShut?: boolean;
  /** The route's timeouts, where they are what matters. */
  timeouts?: { firstTokenMs?: number; idleMs?: number; totalMs?: number };
}

export interface Case extends Failing {
  name: string;
  recovery: Recovery;
  /** How a broken answer is continued: by vLLM itself, or by a model that is told to go on. */
  continuation: "native" | "instruct";
}

export const tokens = 24;
const tokensBefore = 7;

const error = (code: string | number, message = "It fails as it was told to") => ({
  error: { message, type: "test", param: null, code },
});
const refusedWith = (status: number, code: string | number, headers = {}): Behaviour => ({
  error: { status, headers, body: error(code) },
});

/** Silence that nobody waits for; long enough that a busy machine is not taken for a silent provider. */
const patience = { firstTokenMs: 3000, idleMs: 3000 };
/** A trickle that takes longer in all than it may. */
const trickle = { behaviour: { tokenMs: 600 }, timeouts: { totalMs: 2500 } };

const before: Omit<Failing, "phase">[] = [
  {
    what: "429",
    class: "rate-limited",
    behaviour: refusedWith(429, "rate_limit_exceeded", { "retry-after-ms": "30" }),
  },
  { what: "503", class: "overloaded", behaviour: refusedWith(503, 503) },
  {
    what: "error 500 first",
    class: "overloaded",
    behaviour: { fault: { afterTokens: 0, how: error(500) } },
  },
  { what: "no connection", class: "unreachable", behaviour: {}, isShut: true },
  {
    what: "no token",
    class: "timed-out",
    behaviour: { fault: { afterTokens: 0, how: "hang" } },
    timeouts: patience,
  },
  {
    what: "an empty stream",
    class: "cut-off",
    behaviour: { fault: { afterTokens: 0, how: "end" } },
  },
  {
    what: "400 context",
    class: "context-too-long",
    behaviour: refusedWith(400, "context_length_exceeded"),
  },
  { what: "400 policy", class: "refused", behaviour: refusedWith(400, "content_policy_violation") },
  { what: "401", class: "bad-credentials", behaviour: refusedWith(401, "invalid_api_key") },
  { what: "404", class: "bad-request", behaviour: refusedWith(404, 404) },
];

/** What a stream may do wrong at any place. */
const inStream: [what: string, failureClass: FailureClass, how: Fault][] = [
  ["connection breaks", "cut-off", "cut"],
  ["no finish reason", "cut-off", "end"],
  ["abort", "cut-off", { finishReason: "abort" }],
  ["error 500", "cut-off", error(500)],
  ["error 429", "rate-limited", error("rate_limit_exceeded")],
  ["silence", "stalled", "hang"],
  ["filter", "refused", { finishReason: "content_filter" }],
  ["error quota", "bad-credentials", error("insufficient_quota")],
  ["error context", "context-too-long", error("context_length_exceeded")],
  ["error 400", "bad-request", error(400)],
];

const within = (afterTokens: number): Omit<Failing, "phase">[] =>
  inStream.map(([what, failureClass, how]) => ({
    what,
    class: failureClass,
    behaviour: { fault: { afterTokens, how } },
    ...(how === "hang" && { timeouts: patience }),
  }));

/**
 * @returns What a failure in the stream is where no token has come before it: so it is where an answer breaks at its end,
 * and what goes on from there has nothing to add.
 */
export function classWithoutToken({ what, class: failureClass }: Failing): FailureClass | null {
  switch (what) {
    case "connection breaks":
      return "unreachable";
    case "error 500":
      return "overloaded";
    case "silence":
      return "timed-out";
    default:
      return failureClass;
  }
}

/** An answer with its finish reason is complete, whatever becomes of the stream after it. */
const harmless: Omit<Failing, "phase">[] = (["end", "cut", "hang", error(500)] as const).map(
  (faultAtTheEnd, index) => ({
    what: `${["end", "cut", "hang", "error"][index]} after the finish reason`,
    class: null,
    behaviour: { faultAtTheEnd },
  }),
);

const failures: Failing[] = [
  ...before.map((failing) => ({ ...failing, phase: "before" as const })),
  ...within(tokensBefore).map((failing) => ({ ...failing, phase: "middle" as const })),
  { what: "trickle", class: "timed-out", phase: "middle", ...trickle },
  ...within(tokens).map((failing) => ({ ...failing, phase: "end" as const })),
  ...harmless.map((failing) => ({ ...failing, phase: "end" as const })),
];

export const cases: Case[] = failures.flatMap((failing) =>
  (["same", "next", "down"] as const).flatMap((recovery) =>
    continuationsOf(failing).map((continuation) => ({
      ...failing,
      recovery,
      continuation,
      name: `${failing.what}, ${failing.phase}, ${recovery}, ${continuation}`,
    }))
  )
);

function continuationsOf({ phase, isShut }: Failing): Case["continuation"][] {
  // A vLLM that nobody reaches cannot say that it is awake, so that the api would leave each first call to a worker.
  if (isShut) return ["instruct"];
  // Before the first token there is nothing to continue.
  return phase === "before" ? ["native"] : ["native", "instruct"];
}

/** The names of a case's route and models, and the endpoints in the address of the mock. */
export function namesOf(index: number): { route: string; first: string; second: string } {
  return { route: `case-${index}`, first: `first-${index}`, second: `second-${index}` };
}

/** USD per million tokens. */
export const price = { input: 1_000, output: 2_000 };

/**
 * @param addressOf Where a model's provider is, without its endpoint.
 * @returns What `turnlog.yaml` holds for all cases.
 */
export function configurationOf(addressOf: (model: string) => string): string {
  const configuration = {
    providers: { simulated: { kind: "simulated" } } as Record<string, unknown>,
    models: { demo: { provider: "simulated" } } as Record<string, unknown>,
    routes: { default: { candidates: ["demo"] } } as Record<string, unknown>,
  };
  cases.forEach(({ recovery, continuation, isShut, timeouts }, index) => {
    const { route, first, second } = namesOf(index);
    for (const name of [first, second]) {
      configuration.providers[name] = {
        kind: "openai",
        baseUrl: `${addressOf(name)}/${name}/v1`,
        vllm: continuation === "native",
        // Whatever fails here is called again: what an endpoint that fails often is spared is another test's.
        breaker: { failures: 1000 },
      };
      configuration.models[name] = { provider: name, name: "mock-model", price };
    }
    configuration.routes[route] = {
      candidates: recovery === "same" ? [first] : [first, second],
      timeouts: { firstTokenMs: 30_000, idleMs: 30_000, totalMs: 60_000, ...timeouts },
      // Whoever opens a door has to see first that it was shut.
      retry: { attempts: recovery === "down" ? 1 : 2, delayMs: isShut ? 4000 : 20 },
      onExhausted: recovery === "down" ? "wait" : "fail",
      waitMs: 60_000,
      waitDelayMs: 400,
    };
  });
  // JSON is YAML.
  return JSON.stringify(configuration);
}
