/** Asks the api about backtests, as an operator. */
import type { AnalyticsRows, Problem } from "../../events/contract/api.ts";
import type { BacktestView } from "../../events/contract/backtest.ts";
import type { ComparisonRow } from "./comparison.ts";

/** How long one request may take: longer than the api waits for Temporal. */
const requestMsMax = 30_000;
/** Beyond now, as clocks differ. */
const clockMarginMs = 60_000;

/** The api cannot be reached, or refuses; the message is for the person who asked. */
export class BacktestClientError extends Error {
  override name = "BacktestClientError";
}

export class BacktestClient {
  readonly #url: string;
  readonly #operatorToken: string | undefined;

  constructor({ url, operatorToken }: { url: string; operatorToken: string | undefined }) {
    this.#url = url;
    this.#operatorToken = operatorToken;
  }

  async start(request: Record<string, unknown>): Promise<BacktestView> {
    return await (await this.#send("POST", "/api/operations/backtests", request)).json();
  }

  async read(id: string): Promise<BacktestView> {
    return await (await this.#send("GET", `/api/operations/backtests/${id}`)).json();
  }

  async stop(id: string): Promise<void> {
    await (await this.#send("POST", `/api/operations/backtests/${id}/stop`)).body?.cancel();
  }

  /** @returns The rows of the view `backtest_comparison` that are about this backtest, as far as they are there. */
  async comparison({ id, startedAt }: BacktestView): Promise<ComparisonRow[]> {
    const to = new Date(Date.now() + clockMarginMs).toISOString();
    const query = new URLSearchParams({ from: startedAt, to });
    const response = await this.#send("GET", `/api/analytics/views/backtest_comparison?${query}`);
    const { rows } = await response.json() as AnalyticsRows;
    return (rows as ComparisonRow[]).filter(({ backtest_id }) => backtest_id === id);
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = new Headers();
    if (body !== undefined) headers.set("content-type", "application/json");
    if (this.#operatorToken !== undefined) {
      headers.set("authorization", `Bearer ${this.#operatorToken}`);
    }
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(requestMsMax),
      });
    } catch (cause) {
      throw new BacktestClientError(
        `Turnlog does not answer at ${this.#url}. Start it, or name its address with TURNLOG_URL`,
        { cause },
      );
    }
    if (response.ok) return response;
    const problem: Partial<Problem> = await response.json().catch(() => ({}));
    const reason = problem.detail ?? `the answer was ${response.status}`;
    throw new BacktestClientError(`${problem.title ?? "Turnlog refuses"}: ${reason}`);
  }
}
