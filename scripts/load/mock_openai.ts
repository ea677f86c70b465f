/**
 * A server that speaks OpenAI's chat completions as vLLM does, answers what the simulated provider would say, and fails
 * as it is told. It tells when each request came and each piece of an answer left.
 */
import type { ToolCall } from "../../events/contract/tool_call.ts";
import { instructionOpening } from "../../workflows/continuation.ts";
import { simulateAnswer, splitTokens } from "../../workflows/providers/simulated_answer.ts";

/** How many tokens every prompt has, by this server's count. */
export const promptTokens = 7;

/** What the server does with one request. */
export interface Behaviour {
  /** Says nothing before that. */
  after?: Promise<void>;
  firstTokenMs?: number;
  tokenMs?: number;
  tokens?: number;
  /** Answers this, in place of what the simulated provider would say. */
  text?: string;
  /** Calls these tools instead of saying something. */
  toolCalls?: ToolCall[];
  /** Answers with an error instead. */
  error?: { status: number; body: unknown; headers?: Record<string, string> };
  /** Thoughts before the answer. */
  reasoning?: string;
  /** What goes wrong with the stream, and after how many tokens; after all of them where there are fewer. */
  fault?: { afterTokens: number; how: Fault };
  /** What goes wrong when the answer is complete, with its finish reason sent. */
  faultAtTheEnd?: Fault;
}

export type Fault =
  /** The connection breaks. */
  | "cut"
  /** Nothing more comes. */
  | "hang"
  /** The stream ends as if all had been said, without what ought to come still. */
  | "end"
  /** The stream holds an error. */
  | { error: unknown }
  /** The answer is said to end for this reason. */
  | { finishReason: string };

export interface MockRequest {
  /** By `performance.now()` of this process. */
  receivedMs: number;
  /** The first part of the address, where it has one before `/v1`: several endpoints may share this server. */
  endpoint: string;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- whatever a client sends
  body: any;
  /** When each token was handed to the socket. */
  sentMs: number[];
  /** Whether the client went away before the end. */
  aborted: boolean;
  /** Whether the server has nothing more to say to it. */
  ended: boolean;
  /** When its stream ended, or the client went away; null before. */
  endedMs: number | null;
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
    const [, endpoint, path] = /^(?:\/([^/]+))?(\/v1\/.*)$/.exec(pathname) ?? [];
    if (path === "/v1/models") {
      return Response.json({ data: [{ id: "mock-model", object: "model", max_model_len: 2048 }] });
    }
    if (path !== "/v1/chat/completions") return new Response("not found", { status: 404 });
    const seen: MockRequest = {
      receivedMs,
      endpoint: endpoint ?? "",
      headers: request.headers,
      body: await request.json(),
      sentMs: [],
      aborted: false,
      ended: false,
      endedMs: null,
    };
    requests.push(seen);
    request.signal.addEventListener("abort", () => seen.aborted = true);
    const behaviour = decide(seen, requests.length - 1);
    if (behaviour.error) {
      seen.ended = true;
      const { status, body, headers } = behaviour.error;
      return Response.json(body, { status, headers });
    }
    return new Response(ReadableStream.from(untilEnded(seen, answer(seen, behaviour))), {
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

async function* untilEnded(
  request: MockRequest,
  answer: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* answer;
  } finally {
    request.ended = true;
    request.endedMs = performance.now();
  }
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
  const deltas = behaviour.toolCalls?.flatMap(toolCallDeltas) ??
    (behaviour.text === undefined
      ? remainingTokens(body, behaviour.tokens)
      : splitTokens(behaviour.text)).map((content) => ({ content }));
  const usage = (count: number) => ({
    prompt_tokens: promptTokens,
    completion_tokens: count,
    total_tokens: promptTokens + count,
  });
  const isCounted = body.stream_options?.continuous_usage_stats === true;
  const { fault, faultAtTheEnd, reasoning } = behaviour;
  const faultAt = fault && Math.min(fault.afterTokens, deltas.length);
  await behaviour.after;
  const startMs = performance.now() + firstTokenMs;
  if (reasoning) yield frame(chunk({ reasoning }));
  for (let index = 0; index <= deltas.length; index++) {
    const waitMs = startMs + index * tokenMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (fault && index === faultAt) return yield* failStream(fault.how);
    if (index === deltas.length) break;
    request.sentMs.push(performance.now());
    yield frame({
      ...chunk(deltas[index]),
      ...(isCounted && { usage: usage(index + 1) }),
    });
  }
  yield frame(chunk({}, behaviour.toolCalls ? "tool_calls" : "stop"));
  if (faultAtTheEnd) return yield* failStream(faultAtTheEnd);
  yield frame({ ...chunk({}), choices: [], usage: usage(deltas.length) });
  yield frame("[DONE]");

  async function* failStream(fault: Fault): AsyncGenerator<Uint8Array> {
    if (fault === "end") return;
    if (fault === "cut") throw new Error("cut");
    if (fault === "hang") return await new Promise<never>(() => {});
    if ("error" in fault) return yield frame({ error: fault.error });
    yield frame(chunk({}, fault.finishReason));
    yield frame("[DONE]");
  }
}

interface ChatBody {
  messages: { role: string; content: string | { type: string; text?: string }[] }[];
  continue_final_message?: boolean;
  max_tokens?: number;
}

/** Goes on from a partial answer, as vLLM does with `continue_final_message`, or as a model does that is told to. */
function remainingTokens(
  { messages, continue_final_message, max_tokens }: ChatBody,
  tokens: number | undefined,
): string[] {
  const last = textOf(messages.at(-1)!.content);
  const isTold = last.startsWith(instructionOpening);
  const partial = continue_final_message ? last : isTold ? textOf(messages.at(-2)!.content) : "";
  const question = textOf(
    messages.findLast(({ role }, index) =>
      role === "user" && !(isTold && index === messages.length - 1)
    )?.content ?? "",
  );
  const all = simulateAnswer(question, tokens).join("");
  // Whoever is told to repeat the last words begins with them.
  const repeated = isTold ? /<last_words>(.*)<\/last_words>$/s.exec(last)![1] : "";
  const from = isTold ? partial.lastIndexOf(repeated) : partial.length;
  return splitTokens(all.slice(from)).slice(0, max_tokens);
}

/** A call as OpenAI streams it: its name first, then its arguments in pieces. */
function toolCallDeltas({ id, name, arguments: text }: ToolCall, index: number) {
  const first = { index, id, type: "function", function: { name, arguments: "" } };
  const pieces = splitTokens(text).map((piece) => ({ index, function: { arguments: piece } }));
  return [first, ...pieces].map((call) => ({ tool_calls: [call] }));
}

function textOf(content: string | { text?: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
