/** Asks the api as an operator, from a command. */
import type { Problem } from "../events/contract/api.ts";

/** How long one request may take to be answered: longer than the api waits for Temporal. */
const answerMsMax = 30_000;

/** The api cannot be reached, or refuses; the message is for the person who asked. */
export class OperatorClientError extends Error {
  override name = "OperatorClientError";
}

export class OperatorClient {
  readonly #url: string;
  readonly #operatorToken: string | undefined;

  constructor({ url, operatorToken }: { url: string; operatorToken: string | undefined }) {
    this.#url = url;
    this.#operatorToken = operatorToken;
  }

  /** @throws OperatorClientError where the api cannot be reached, or answers with a problem. */
  async send(method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
    const headers = new Headers();
    if (body !== undefined) headers.set("content-type", "application/json");
    if (this.#operatorToken !== undefined) {
      headers.set("authorization", `Bearer ${this.#operatorToken}`);
    }
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), answerMsMax);
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: late.signal,
      });
    } catch (cause) {
      throw new OperatorClientError(
        `Turnlog does not answer at ${this.#url}. Start it, or name its address with TURNLOG_URL`,
        { cause },
      );
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return response;
    const problem: Partial<Problem> = await response.json().catch(() => ({}));
    const reason = problem.detail ?? `the answer was ${response.status}`;
    throw new OperatorClientError(`${problem.title ?? "Turnlog refuses"}: ${reason}`);
  }
}
