/**
 * A server that speaks OpenAI's chat completions as vLLM does, answers what the simulated provider would say, and fails
 * as it is told. It tells when each request came and each piece of an answer left.
 */
import { simulateAnswer, splitTokens } from "../../workflows/providers/simulated_answer.ts";

/** What the server does with one request. */
export interface Behaviour {
  firstTokenMs?: number;
  tokenMs?: number;
  tokens?: number;
  /** Answers this, in place of what the simulated provider would say. */
  text?: string;
  /** Answers with an error instead. */
  error?: { status: number; body: unknown; headers?: Record<string, string> };
  /** Breaks the connection after so many tokens. */
  cutAfterTokens?: number;
  /** Says nothing more after so many tokens. */
  hangAfterTokens?: number;
  /** Ends the stream after so many tokens as if it were complete, but without a finish reason. */
  endAfterTokens?: number;
}

export interface MockRequest {
  /** By `performance.now()` of this process. */
  receivedMs: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- whatever a client sends
  body: any;
  /** When each token was handed to the socket. */
  sentMs: number[];
  /** Whether the client went away before the end. */
  aborted: boolean;
}

export interface MockOpenAi {
  /** Without `/v1`. */
  url: string;
  requests: MockRequest[];
  /** Applies to requests from now on; a function decides for each. */
  behave(behaviour: Behaviour | ((request: MockRequest, index: number) => Behaviour)): void;
  close(): Promise<void>;
}

export function startMockOpenAi(initial: Behaviour = {}): MockOpenAi {
  let decide: (request: MockRequest, index: number) => Behaviour = () => initial;
  const requests: MockRequest[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);

  async function handle(request: Request): Promise<Response> {
    const receivedMs = performance.now();
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response();
    if (pathname === "/v1/models") {
      return Response.json({ data: [{ id: "mock-model", object: "model", max_model_len: 2048 }] });
    }
    if (pathname !== "/v1/chat/completions") return new Response("not found", { status: 404 });
    const seen: MockRequest = {
      receivedMs,
      headers: request.headers,
      body: await request.json(),
      sentMs: [],
      aborted: false,
    };
    requests.push(seen);
    request.signal.addEventListener("abort", () => seen.aborted = true);
    const behaviour = decide(seen, requests.length - 1);
    if (behaviour.error) {
      const { status, body, headers } = behaviour.error;
      return Response.json(body, { status, headers });
    }
    return new Response(ReadableStream.from(answer(seen, behaviour)), {
      headers: { "content-type": "text/event-stream" },
    });
  }

  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    behave(behaviour) {
      decide = typeof behaviour === "function" ? behaviour : () => behaviour;
    },
    close: () => server.shutdown(),
  };
}

async function* answer(request: MockRequest, behaviour: Behaviour): AsyncGenerator<Uint8Array> {
  const { body } = request;
  const { firstTokenMs = 0, tokenMs = 0 } = behaviour;
  const encoder = new TextEncoder();
  const frame = (data: unknown) =>
    encoder.encode(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
  const chunk = (delta: unknown, finish_reason: string | null = null) => ({
    id: "chatcmpl-mock",
    object: "chat.completion.chunk",
    model: body.model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const tokens = behaviour.text === undefined
    ? remainingTokens(body, behaviour.tokens)
    : splitTokens(behaviour.text);
  const startMs = performance.now() + firstTokenMs;
  for (const [index, token] of tokens.entries()) {
    const waitMs = startMs + index * tokenMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (index === behaviour.cutAfterTokens) throw new Error("cut");
    if (index === behaviour.hangAfterTokens) await new Promise(() => {});
    if (index === behaviour.endAfterTokens) return;
    request.sentMs.push(performance.now());
    yield frame(chunk({ content: token }));
  }
  yield frame(chunk({}, "stop"));
  const usage = { prompt_tokens: 7, completion_tokens: tokens.length, total_tokens: 0 };
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  yield frame({ ...chunk({}), choices: [], usage });
  yield frame("[DONE]");
}

/** Goes on from a partial answer, as vLLM does with `continue_final_message`. */
function remainingTokens(
  body: {
    messages: { role: string; content: string }[];
    continue_final_message?: boolean;
    max_tokens?: number;
  },
  tokens: number | undefined,
): string[] {
  const question = body.messages.findLast(({ role }) => role === "user")?.content ?? "";
  const all = simulateAnswer(question, body.max_tokens ?? tokens);
  if (!body.continue_final_message) return all;
  const partial = body.messages.at(-1)!.content;
  let length = 0;
  const from = all.findIndex((token) => (length += token.length) > partial.length);
  return from < 0
    ? []
    : [all.slice(0, from + 1).join("").slice(partial.length), ...all.slice(from + 1)];
}
