/** The app for one test, with a store and a hub of its own and a Temporal that only remembers. */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import type { TurnState } from "../events/contract/conversation.ts";
import { createEvent } from "../events/contract/event.ts";
import type { TurnPlan } from "../events/contract/turn_plan.ts";
import { newEventId } from "../events/event_id.ts";
import type { FirstCall, FirstCaller } from "../events/first_call.ts";
import { createPayloadCodec } from "../events/payload_codec.ts";
import { ProviderHealth } from "../events/provider_health/provider_health.ts";
import type { EventStore } from "../events/store/event_store.ts";
import { openSqliteStore } from "../events/store/sqlite_store.ts";
import { AnalyticsReader } from "./analytics_reader.ts";
import { type AppOptions, createApp } from "./app.ts";
import { Backtests } from "./backtests.ts";
import { Catalogue } from "./catalogue.ts";
import { Experiments } from "./experiments/experiments.ts";
import { Exports } from "./exports.ts";
import { LiveHub } from "./live_hub.ts";
import { ModelOperations } from "./model_operations.ts";
import { Operations } from "./operations.ts";
import { ServerProcesses, type Supervisor } from "./server_processes.ts";
import { AnalystQueries } from "./sql/analyst_queries.ts";
import { temporalLinks } from "./temporal_links.ts";
import { TurnRequests } from "./turn_requests.ts";

/** Temporal as far as the api knows it: starts once, and remembers what it was started and signalled with. */
class FakeTemporal {
  /** Told of each turn that is started. */
  onStart: (plan: TurnPlan) => void = () => {};
  readonly started = new Map<string, {
    plan: TurnPlan;
    memo: Record<string, unknown>;
    /** The search attributes. */
    attributes: Record<string, unknown>;
  }>();
  readonly signals: unknown[] = [];
  isAway = false;
  hasEnded = false;

  readonly client = {
    withDeadline: <Result>(_deadline: number, call: () => Promise<Result>) => call(),
    workflow: {
      // deno-lint-ignore require-await -- rejects as the real one does
      start: async (_type: string, { workflowId, args: [plan], memo, typedSearchAttributes }: {
        workflowId: string;
        args: [TurnPlan];
        memo: Record<string, unknown>;
        typedSearchAttributes: { key: { name: string }; value: unknown }[];
      }) => {
        if (this.isAway) throw new Error("14 UNAVAILABLE");
        if (this.started.has(workflowId)) {
          throw new WorkflowExecutionAlreadyStartedError("started", workflowId, "answerTurn");
        }
        const attributes = Object.fromEntries(
          typedSearchAttributes.map(({ key, value }) => [key.name, value]),
        );
        this.started.set(workflowId, { plan, memo, attributes });
        this.onStart(plan);
        return { firstExecutionRunId: "run-1" };
      },
      getHandle: (workflowId: string) => ({
        describe: () => Promise.resolve(this.started.get(workflowId)),
        signal: (name: string, request: unknown) => {
          if (this.hasEnded) {
            return Promise.reject(new WorkflowNotFoundError("ended", workflowId, undefined));
          }
          this.signals.push([workflowId, name, request]);
          return Promise.resolve();
        },
      }),
    },
  } as unknown as Client;
}

/** Makes no first calls before it is switched on, and remembers what became of them. */
class FakeFirstCalls implements FirstCaller {
  isOn = false;
  readonly done: string[] = [];

  begin({ turnId }: TurnPlan, path: readonly TurnState[]): FirstCall | null {
    if (!this.isOn) return null;
    this.done.push(`begin after ${path.length} turns`);
    return {
      place: { taskQueue: "of this process" },
      events: (runId) => {
        this.done.push(`events of ${runId}`);
        return [firstCallEvent(turnId)];
      },
      show: () => this.done.push("show"),
      abandon: () => this.done.push("abandon"),
    };
  }
}

function firstCallEvent(turnId: string) {
  return createEvent({
    id: newEventId(),
    source: "turnlog/workflows",
    type: "turn.started",
    subject: { tenant: "default", userKey: "u", conversationId: "c", turnId },
    data: { route: "default", candidates: [] },
  });
}

export interface Scene {
  temporal: FakeTemporal;
  store: EventStore;
  hub: LiveHub;
  firstCalls: FakeFirstCalls;
  /** Sends JSON as one user. */
  send(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>;
  request(path: string, init?: RequestInit): Promise<Response>;
  conversation(): Promise<string>;
}

// deno-lint-ignore no-explicit-any -- the tests read what they expect
export type Json = any;

const shippedConfig = new URL("../deploy/turnlog.yaml", import.meta.url).pathname;

/** Runs a test with an app of its own. */
export async function withApp(
  run: (scene: Scene) => Promise<void>,
  {
    apiKeys = [],
    host = "127.0.0.1",
    operatorToken,
    // Nothing listens there.
    clickHouseUrl = "http://127.0.0.1:9",
    config = shippedConfig,
    supervisor,
  }:
    & Partial<Pick<AppOptions, "apiKeys" | "host" | "operatorToken">>
    /** `config`: the path of another `turnlog.yaml`; `supervisor`: of a start that runs servers of models. */
    & { clickHouseUrl?: string; config?: string; supervisor?: Supervisor } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const store = openSqliteStore(`${folder}/turnlog.db`);
  const processes = new ServerProcesses(supervisor);
  const catalogue = await Catalogue.open(
    config,
    () => undefined,
    new ProviderHealth({ store, source: "turnlog/api" }),
    processes,
  );
  const hub = new LiveHub();
  const analytics = new AnalyticsReader(clickHouseUrl);
  const temporal = new FakeTemporal();
  const producer = { send: () => Promise.resolve() };
  const firstCalls = new FakeFirstCalls();
  const { client } = temporal;
  const experiments = new Experiments({ store, catalogue });
  await experiments.takeUpFile();
  const turns = new TurnRequests({
    client,
    store,
    catalogue,
    experiments,
    producer,
    health: { callsUnderWay: 0 },
    firstCaller: firstCalls,
  });
  const app = await createApp({
    host,
    secret: "a secret of at least thirty-two characters",
    apiKeys,
    backtests: new Backtests({ client, catalogue }),
    experiments,
    exports: new Exports({ client, dataFolder: folder }),
    store,
    hub,
    catalogue,
    operatorToken,
    turns,
    models: new ModelOperations(client, catalogue, processes),
    payloadCodec: createPayloadCodec([]),
    temporalUiUrl: undefined,
    operations: new Operations({
      client: temporal.client,
      store,
      turns,
      links: temporalLinks("http://127.0.0.1:8233/", "default"),
    }),
    analytics,
    analyst: new AnalystQueries(clickHouseUrl),
    checkReadiness: () => Promise.resolve({ needed: { store: "ok" }, optional: {} }),
  });
  const request = async (path: string, init: RequestInit = {}) =>
    await app.request(path, {
      ...init,
      headers: { host: "127.0.0.1:8000", ...init.headers as Record<string, string> },
    });
  const cookie = cookieOf(await request("/api/models"));
  const send: Scene["send"] = async (method, path, body) => {
    const response = await request(path, {
      method,
      headers: { cookie, "content-type": "application/json" },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text && JSON.parse(text) };
  };
  try {
    await run({
      temporal,
      store,
      hub,
      firstCalls,
      send,
      request,
      conversation: async () => (await send("POST", "/api/conversations", {})).body.id,
    });
  } finally {
    catalogue.close();
    await hub.close();
    await analytics.close();
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")!.split(";")[0];
}
