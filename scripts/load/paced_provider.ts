/**
 * A provider with fixed delays, in a process of its own so that it shares no event loop with whom it is measured with. It
 * speaks OpenAI's chat completions, streaming and not; the name of the model says how it is paced, and the tokens say when
 * they were given. It remembers when each request came, by the text of its last message.
 *
 * usage: deno run -A scripts/load/paced_provider.ts
 * Its only line of output is its address, without `/v1`; it ends when its input does.
 */
import { stampedToken } from "../../workflows/providers/stamped_answer.ts";
import { wallClockMs } from "../bench/measurement.ts";

export interface Pace {
  firstTokenMs: number;
  tokenMs: number;
  tokens: number;
}

/** Text of the last message → when its requests came, in milliseconds since 1970. */
export type Arrivals = Record<string, number[]>;

/** @returns The name by which this provider is asked to answer at this pace. */
export function pacedModel({ firstTokenMs, tokenMs, tokens }: Pace): string {
  return `paced-${firstTokenMs}-${tokenMs}-${tokens}`;
}

/** How long a stream's tokens are looked at: each is at most so late. */
const tickMs = 2;

interface Stream {
  pace: Pace;
  startMs: number;
  given: number;
  model: string;
  controller: ReadableStreamDefaultController<Uint8Array>;
}

const encoder = new TextEncoder();

class PacedProvider {
  /** One clock for all streams: a timer each would cost more than the tokens. */
  readonly #streams = new Set<Stream>();
  #arrivals: Arrivals = {};

  constructor() {
    setInterval(() => this.#tick(), tickMs);
  }

  handle = async (request: Request): Promise<Response> => {
    const receivedMs = wallClockMs();
    const { pathname } = new URL(request.url);
    if (pathname === "/arrivals") {
      const arrivals = this.#arrivals;
      this.#arrivals = {};
      return Response.json(arrivals);
    }
    if (pathname !== "/v1/chat/completions") return new Response("not found", { status: 404 });
    const { model, messages, stream } = await request.json();
    const question = textOf(messages.at(-1).content);
    (this.#arrivals[question] ??= []).push(receivedMs);
    const pace = readPace(model);
    if (pace === null) {
      return Response.json({ error: { message: "no such model" } }, { status: 404 });
    }
    return stream ? this.#stream(model, pace) : await answerAtOnce(model, pace);
  };

  #stream(model: string, pace: Pace): Response {
    let stream: Stream;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = { pace, startMs: performance.now(), given: 0, model, controller };
        this.#streams.add(stream);
      },
      cancel: () => void this.#streams.delete(stream),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const stream of this.#streams) {
      const { pace, startMs } = stream;
      const { firstTokenMs, tokenMs, tokens } = pace;
      let frames = "";
      while (
        stream.given < tokens && startMs + firstTokenMs + stream.given * tokenMs <= nowMs
      ) {
        frames += frame(
          chunk(stream.model, { content: stampedToken(stream.given++, wallClockMs()) }),
        );
      }
      if (frames === "") continue;
      if (stream.given === tokens) frames += this.#end(stream);
      stream.controller.enqueue(encoder.encode(frames));
      if (stream.given === tokens) stream.controller.close();
    }
  }

  #end(stream: Stream): string {
    this.#streams.delete(stream);
    const { model, pace: { tokens } } = stream;
    return frame(chunk(model, {}, "stop")) +
      frame({ ...chunk(model, {}), choices: [], usage: usageOf(tokens) }) + "data: [DONE]\n\n";
  }
}

/** The whole answer, after as long as its stream would have taken. */
async function answerAtOnce(model: string, { firstTokenMs, tokenMs, tokens }: Pace) {
  await new Promise((resolve) => setTimeout(resolve, firstTokenMs + (tokens - 1) * tokenMs));
  const sentMs = wallClockMs();
  const content = Array.from({ length: tokens }, (_, index) => stampedToken(index, sentMs)).join(
    "",
  );
  return Response.json({
    id: "chatcmpl-paced",
    object: "chat.completion",
    created: Math.floor(sentMs / 1000),
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: usageOf(tokens),
  });
}

function chunk(model: string, delta: { content?: string }, finish_reason: string | null = null) {
  return {
    id: "chatcmpl-paced",
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, delta, finish_reason }],
  };
}

function frame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function usageOf(tokens: number) {
  return { prompt_tokens: 7, completion_tokens: tokens, total_tokens: 7 + tokens };
}

/** Some gateways send a message's content as a list of parts. */
function textOf(content: string | { text: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}

function readPace(model: string): Pace | null {
  const match = /^paced-(\d+)-(\d+)-(\d+)$/.exec(model);
  if (match === null) return null;
  const [firstTokenMs, tokenMs, tokens] = match.slice(1).map(Number);
  return { firstTokenMs, tokenMs, tokens };
}

if (import.meta.main) {
  const { handle } = new PacedProvider();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  console.log(`http://127.0.0.1:${server.addr.port}`);
  for await (const _ of Deno.stdin.readable);
  Deno.exit(0);
}
