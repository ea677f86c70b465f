/** Asks the api about backtests, as an operator. */
import type { AnalyticsRows } from "../../events/contract/api.ts";
import type { BacktestView } from "../../events/contract/backtest.ts";
import { OperatorClient } from "../operator_client.ts";
import type { ComparisonRow } from "./comparison.ts";

/** Beyond now, as clocks differ. */
const clockMarginMs = 60_000;

export class BacktestClient extends OperatorClient {
  async start(request: Record<string, unknown>): Promise<BacktestView> {
    return await (await this.send("POST", "/api/operations/backtests", request)).json();
  }

  async read(id: string): Promise<BacktestView> {
    return await (await this.send("GET", `/api/operations/backtests/${id}`)).json();
  }

  async stop(id: string): Promise<void> {
    await (await this.send("POST", `/api/operations/backtests/${id}/stop`)).body?.cancel();
  }

  /** @returns The rows of the view `backtest_comparison` that are about this backtest, as far as they are there. */
  async comparison({ id, startedAt }: BacktestView): Promise<ComparisonRow[]> {
    const to = new Date(Date.now() + clockMarginMs).toISOString();
    const query = new URLSearchParams({ from: startedAt, to });
    const response = await this.send("GET", `/api/analytics/views/backtest_comparison?${query}`);
    const { rows } = await response.json() as AnalyticsRows;
    return (rows as ComparisonRow[]).filter(({ backtest_id }) => backtest_id === id);
  }
}
