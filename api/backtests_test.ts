import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import assert from "node:assert/strict";
import type { BacktestPlan } from "../events/contract/backtest.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { Backtests } from "./backtests.ts";
import { Catalogue } from "./catalogue.ts";
import { requireOperator } from "./operator.ts";
import { answerError } from "./problem.ts";
import { createRouter, type Operator } from "./router.ts";
import { backtestRoutes } from "./routes/backtests.ts";
import { ServerProcesses } from "./server_processes.ts";

interface Run {
  workflowId: string;
  plan: BacktestPlan;
  status: { name: string };
  startTime: Date;
  memo: Record<string, unknown>;
}

/** Temporal as far as backtests know it. */
class FakeTemporal {
  readonly runs = new Map<string, Run>();
  /** What a worker answers; none does where it is undefined. */
  progress: unknown;

  readonly client = {
    withDeadline: <Result>(_deadline: number, call: () => Promise<Result>) => call(),
    workflow: {
      // deno-lint-ignore require-await -- rejects as the real one does
      start: async (type: string, { workflowId, args: [plan], memo }: {
        workflowId: string;
        args: [BacktestPlan];
        memo: Record<string, unknown>;
      }) => {
        if (this.runs.has(workflowId)) {
          throw new WorkflowExecutionAlreadyStartedError("started", workflowId, type);
        }
        const startTime = new Date("2026-11-24T12:00:00Z");
        this.runs.set(workflowId, {
          workflowId,
          plan,
          memo,
          startTime,
          status: { name: "RUNNING" },
        });
      },
      list: () => this.runs.values(),
      getHandle: (workflowId: string) => ({
        // deno-lint-ignore require-await
        describe: async () => this.#find(workflowId),
        // deno-lint-ignore require-await
        cancel: async () => void (this.#find(workflowId).status.name = "CANCELLED"),
        query: () =>
          this.progress === undefined
            ? Promise.reject(new Error("no worker"))
            : Promise.resolve(this.progress),
      }),
    },
  } as unknown as Client;

  #find(workflowId: string): Run {
    const run = this.runs.get(workflowId);
    if (run === undefined) throw new WorkflowNotFoundError("not found", workflowId, undefined);
    return run;
  }
}

interface Scene {
  temporal: FakeTemporal;
  /** What was stated of operators. */
  recorded: string[];
  // deno-lint-ignore no-explicit-any -- the tests read what they expect
  send(method: string, path?: string, body?: unknown): Promise<{ status: number; body: any }>;
}

async function withBacktests(
  run: (scene: Scene) => Promise<void>,
  host = "127.0.0.1",
): Promise<void> {
  const store = openSqliteStore(":memory:");
  const catalogue = await Catalogue.open(
    new URL("../deploy/turnlog.yaml", import.meta.url).pathname,
    () => undefined,
    new ProviderHealth({ store, source: "turnlog/api" }),
    new ServerProcesses(undefined),
  );
  const temporal = new FakeTemporal();
  const app = createRouter();
  app.onError(answerError);
  app.use(
    "*",
    requireOperator({
      host,
      secret: "a secret of at least thirty-two characters",
      operatorToken: undefined,
    }),
  );
  const backtests = new Backtests({ client: temporal.client, catalogue });
  const recorded: Scene["recorded"] = [];
  const record = (operator: Operator, subject: string, { action }: { action: string }) => {
    recorded.push(`${operator.by} ${action} ${subject}`);
    return Promise.resolve();
  };
  app.route("/", backtestRoutes({ backtests, operations: { record } }));
  try {
    await run({
      temporal,
      recorded,
      async send(method, path = "", body) {
        const response = await app.request(`/api/operations/backtests${path}`, {
          method,
          ...(body !== undefined && {
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          }),
        });
        const text = await response.text();
        return { status: response.status, body: text && JSON.parse(text) };
      },
    });
  } finally {
    catalogue.close();
    await store.close();
  }
}

const request = { id: "b", from: "7d", model: "demo", systemPrompt: "Be brief", limit: 30 };

Deno.test("a backtest is started once, with a plan that needs no catalogue", () =>
  withBacktests(async ({ temporal, send }) => {
    const first = await send("POST", "", request);
    assert.equal(first.status, 202);
    assert.equal(first.body.status, "running");
    assert.equal(first.body.model, "demo");
    assert.equal(first.body.hasSystemPrompt, true);
    assert.equal(first.body.progress.selected, null);
    const { plan } = temporal.runs.get("backtest/b")!;
    assert.deepEqual(plan.turn.candidates.map(({ model }) => model), ["demo"]);
    assert.equal(plan.turn.systemPrompt, "Be brief");
    assert.equal(plan.selection.limit, 30);

    const again = await send("POST", "", request);
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, first.body);
    assert.equal(temporal.runs.size, 1);
  }));

Deno.test("an id that belongs to another backtest is refused", () =>
  withBacktests(async ({ send }) => {
    await send("POST", "", request);
    const other = await send("POST", "", { ...request, limit: 31 });
    assert.equal(other.status, 409);
    assert.equal(other.body.type, "/problems/backtest-conflict");
  }));

Deno.test("its progress is what a worker says, else what it told last", () =>
  withBacktests(async ({ temporal, send }) => {
    await send("POST", "", request);
    const told = { selected: 30, started: 5, completed: 4, stopped: 0, failed: 1, skipped: 0 };
    temporal.runs.get("backtest/b")!.memo.progress = told;
    assert.deepEqual((await send("GET", "/b")).body.progress, told);
    const asked = { ...told, started: 9, completed: 8 };
    temporal.progress = asked;
    assert.deepEqual((await send("GET", "/b")).body.progress, asked);
    const { items } = (await send("GET")).body;
    assert.deepEqual(items.map(({ progress }: { progress: unknown }) => progress), [told]);
  }));

Deno.test("a backtest is stopped, also twice", () =>
  withBacktests(async ({ recorded, send }) => {
    await send("POST", "", request);
    assert.equal((await send("POST", "/b/stop")).status, 202);
    assert.equal((await send("POST", "/b/stop")).status, 202);
    assert.equal((await send("GET", "/b")).body.status, "stopped");
    assert.deepEqual(recorded, [
      "loopback start-backtest backtest/b",
      "loopback stop-backtest backtest/b",
      "loopback stop-backtest backtest/b",
    ]);
  }));

Deno.test("one that is not there is not found, to read as well as to stop", () =>
  withBacktests(async ({ send }) => {
    for (const [method, path] of [["GET", "/none"], ["POST", "/none/stop"]]) {
      const { status, body } = await send(method, path);
      assert.equal(status, 404);
      assert.equal(body.detail, "There is no backtest none");
    }
  }));

Deno.test("whoever does not operate gets nothing", () =>
  withBacktests(async ({ temporal, send }) => {
    assert.equal((await send("POST", "", request)).status, 403);
    assert.equal((await send("GET")).status, 403);
    assert.equal(temporal.runs.size, 0);
  }, "0.0.0.0"));
