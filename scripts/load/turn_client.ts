/** A client of the API as one user: what a browser would do, with what the tests want to know. */
import type {
  AnalyticsRows,
  ConversationDetail,
  ConversationView,
  TurnAccepted,
  TurnView,
} from "../../events/contract/api.ts";
import { isEnded } from "../../events/contract/conversation.ts";
import {
  type Answer,
  applyPart,
  parsePosition,
  type PlacedPart,
} from "../../events/contract/stream_part.ts";
import { until } from "./until.ts";

export interface NewTurn {
  turnId?: string;
  text: string;
  model?: string;
  parentTurnId?: string | null;
}

/** A part of a stream, and when it arrived, by `performance.now()`. */
export type ReceivedPart = PlacedPart & { receivedMs: number };

export class TurnClient {
  readonly #url: string;
  readonly #cookie: string;

  /** @param url The address of the app. */
  static async connect(url: string): Promise<TurnClient> {
    const response = await fetch(`${url}/api/models`);
    await response.body?.cancel();
    return new TurnClient(url, response.headers.get("set-cookie")!.split(";")[0]);
  }

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  /** Sends a request as the user. */
  request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: { cookie: this.#cookie, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  }

  async conversation(): Promise<string> {
    return (await this.#json<ConversationView>("POST", "/api/conversations", {})).id;
  }

  detail(conversationId: string): Promise<ConversationDetail> {
    return this.#json("GET", `/api/conversations/${conversationId}`);
  }

  send(conversationId: string, turn: NewTurn): Promise<TurnAccepted> {
    return this.#json("POST", `/api/conversations/${conversationId}/turns`, turn);
  }

  /** Sends a message in a conversation of its own. */
  async ask(turn: NewTurn): Promise<TurnAccepted> {
    return await this.send(await this.conversation(), turn);
  }

  turn(turnId: string): Promise<TurnView> {
    return this.#json("GET", `/api/turns/${turnId}`);
  }

  async stop(turnId: string, seenLength?: number): Promise<void> {
    const response = await this.request("POST", `/api/turns/${turnId}/stop`, { seenLength });
    await requireOk(response, `stop of ${turnId}`);
    await response.body?.cancel();
  }

  rows(view: string, parameters: Record<string, string> = {}): Promise<AnalyticsRows> {
    return this.#json("GET", `/api/analytics/views/${view}?${new URLSearchParams(parameters)}`);
  }

  /** Waits until the turn has ended, whatever becomes of the processes meanwhile. */
  async untilEnded(turnId: string, withinMs = 30_000): Promise<TurnView> {
    return await until(`turn ${turnId} has ended`, withinMs, async () => {
      const turn = await this.turn(turnId);
      return isEnded(turn) ? turn : null;
    });
  }

  /** Reads the stream to its end. @param after Where to go on; the whole stream where it is absent. */
  async read(turnId: string, after?: string): Promise<ReceivedPart[]> {
    return await Array.fromAsync(this.parts(turnId, after));
  }

  /** Yields the parts of the stream as they come; ends when the server closes it or goes away. */
  async *parts(turnId: string, after?: string): AsyncGenerator<ReceivedPart> {
    const query = after === undefined ? "" : `?after=${after}`;
    const abort = new AbortController();
    const path = `/api/turns/${turnId}/stream${query}`;
    try {
      const response = await this.request("GET", path, undefined, abort.signal);
      await requireOk(response, `stream of ${turnId}`);
      let text = "";
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const receivedMs = performance.now();
        const frames = (text + chunk).split("\n\n");
        text = frames.pop()!;
        for (const frame of frames) {
          const part = readFrame(frame);
          if (part !== null) yield { ...part, receivedMs };
        }
      }
    } finally {
      abort.abort();
    }
  }

  async #json<Result>(method: string, path: string, body?: unknown): Promise<Result> {
    const response = await this.request(method, path, body);
    await requireOk(response, `${method} ${path}`);
    return await response.json();
  }
}

async function requireOk(response: Response, what: string): Promise<void> {
  if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
}

/** @returns The part of one frame of a stream; null for a comment, which is a sign of life. */
export function readFrame(frame: string): PlacedPart | null {
  const fields = new Map(
    frame.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const position = parsePosition(fields.get("id") ?? "");
  if (position === null) return null;
  return { position, part: { type: fields.get("event"), ...JSON.parse(fields.get("data")!) } };
}

/** @returns What a reader of these parts shows. */
export function answerOf(parts: readonly PlacedPart[]): Answer {
  return parts.reduce<Answer>((answer, { part }) => applyPart(answer, part), emptyAnswer());
}

export function emptyAnswer(): Answer {
  return { text: "", reasoning: "", seams: [] };
}
