/** What the HTTP API answers, for those who call it: the web app and the tests. `api/schemas.ts` is held to these types. */
import type { Comparison } from "./comparison.ts";
import type { AttemptState, ConversationState, TurnState } from "./conversation.ts";
import type { Failure } from "./failure.ts";
import type { Price, ProviderKind } from "./turn_plan.ts";

/** Every list. */
export interface Page<Item> {
  items: Item[];
  /** To be sent as `cursor` for the next page; null at the last one. */
  nextCursor: string | null;
}

export type ConversationView =
  & { id: string }
  & Pick<ConversationState, "title" | "createdAt" | "updatedAt">;

/**
 * A conversation with its turns in the order in which they were sent; `parentTurnId` makes them a tree. `comparisons` has
 * the user's last vote on each two answers that they have compared.
 */
export type ConversationDetail = ConversationView & {
  turns: TurnView[];
  comparisons: Comparison[];
};

export type TurnView =
  & { id: string; attempts: AttemptView[]; costUsd: KnownCost }
  & Omit<
    TurnState,
    | "turnId"
    | "attempts"
    | "costUsd"
    | "tenant"
    | "userKey"
    | "requestHash"
    | "request"
    | "comparisons"
    | "position"
    | "backtest"
  >;

export type AttemptView =
  & { costUsd: KnownCost }
  & Omit<AttemptState, "costUsd" | "startEventId" | "endpoint" | "lastSequence">;

/** USD; null where it is not known, as a model without a price had a part in it. */
export type KnownCost = number | null;

/** The answer to a turn that was accepted. */
export interface TurnAccepted {
  turnId: string;
  workflowId: string;
  streamUrl: string;
}

/** A model or a route: what a person may ask for by its name. */
export interface ModelView {
  name: string;
  kind: "model" | "route";
  /** Whether a turn for it would find a provider that is configured and answers. */
  available: boolean;
  /** Why it is not available, and what to do about it. */
  reason: string | null;
  /** Whether the answer would be a simulated one, which no model wrote. */
  simulated: boolean;
  /** A model's provider, by its name in `turnlog.yaml`, and its kind; null for a route. */
  provider: string | null;
  providerKind: ProviderKind | null;
  /** The name that the provider is sent: for `auto`, what its server lists, once it has answered; null for a route. */
  requestModel: string | null;
  /** A route's models in the order in which they are tried; empty for a model. */
  candidates: string[];
  contextTokens: number | null;
  price: Price | null;
  state: "awake" | "asleep" | "loading" | "cooling-down" | null;
  /** The adapters that the model's server has loaded, by the names under which it answers for them. */
  adapters: string[];
  /** Until when nobody calls it, and why; null in every other state. */
  coolingDown: { until: string; reason: Failure } | null;
  /** Calls of the model's provider that are under way, on all workers; null for a route, and where nothing is called. */
  inFlight: number | null;
}

/** How the process of a server is that a start of Turnlog runs; `failed` ones were given up. */
export type ServerProcessState = "running" | "stopped" | "failed";

/** A server of one's own that answers for models, for operators. */
export interface ServerView {
  /** Its provider's name in `turnlog.yaml`, and one of that provider's addresses. */
  provider: string;
  endpoint: string;
  /** The models of `turnlog.yaml` that it answers. */
  models: string[];
  /** What it runs, as far as it tells. */
  software: "vllm" | "llama.cpp" | "ollama" | null;
  state: "awake" | "asleep" | "loading" | "failed" | "unreachable";
  /** Why it is not well; null where it is. */
  reason: string | null;
  /** Null where no start of Turnlog runs it, so that it cannot be started and stopped here. */
  process: ServerProcessState | null;
  canSleep: boolean;
  takesAdapters: boolean;
  /** What it lists; `parent` is the model that an adapter belongs to. */
  served: { name: string; parent: string | null }[];
}

/** One SQL view of the dashboard, as its file defines it. */
export interface AnalyticsView {
  name: string;
  title: string;
  section: AnalyticsSection;
  /** Its place within the section: lower ones come first. */
  order: number;
  /** What one row is, and what is counted: the note behind every number of the view. */
  description: string;
  parameters: { name: string; type: string }[];
  /** Whether it tells of single users or turns, or shows what they sent: then none but operators may read it. */
  isForOperators: boolean;
  /** What can be done about its rows, where there are any. */
  remedy?: { description: string; command: string };
  chart: Chart;
}

/** The part of the dashboard that a view stands in. */
export type AnalyticsSection =
  | "overview"
  | "models"
  | "reliability"
  | "cost"
  | "people"
  | "ingestion";

/** How a view is drawn. */
export interface Chart {
  /**
   * `line` and `bars` have time on the x axis; `table` is not drawn. `figures` are numbers beside each other: the view has
   * one row, in which the column `<column>_before` tells each of `y` for the period before, of the same length.
   */
  type: "line" | "bars" | "stacked-bars" | "table" | "figures";
  /** The column of the x axis. */
  x: string;
  /** The columns that are drawn, one line, bar or figure each, with the name that people read. */
  y: ChartMeasure[];
  /** A column whose values split each of `y` into further lines or bars. */
  series?: string;
  /**
   * The view that lists the turns behind a point: it is asked for the time of the point's bucket, and for the value of
   * `series` where it has a parameter of that name.
   */
  turns?: string;
  unit: ChartUnit;
}

export interface ChartMeasure {
  column: string;
  title: string;
  /** What it counts, where the view's description says too little of it, such as of one figure among several. */
  description?: string;
  /** Where it is not the chart's. */
  unit?: ChartUnit;
}

/** `tokens/s` are tokens a second, `bytes` are written in powers of 1024, a `ratio` is a share of 1, `points` are whole. */
export type ChartUnit =
  | "count"
  | "ms"
  | "tokens"
  | "tokens/s"
  | "usd"
  | "ratio"
  | "bytes"
  | "points";

/** The rows of a view for a range of time. */
export interface AnalyticsRows {
  name: string;
  /** The parameters that were used, with their defaults filled in. */
  parameters: Record<string, string>;
  columns: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  /** Whether there are more rows than an answer may have. */
  isTruncated: boolean;
}

/** How the result of an analyst's query is written: `json` to be looked at, the others as files. */
export const analystFormats = ["json", "jsonl", "csv", "parquet"] as const;
export type AnalystFormat = typeof analystFormats[number];

/** The result of an analyst's query. */
export interface AnalystRows {
  columns: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  /** Whether there are more rows than an answer may have: a file has them. */
  isTruncated: boolean;
  /** How many rows were read from tables. */
  rowsRead: number;
  durationMs: number;
}

/** A table or a view that an analyst may read. */
export interface AnalystTable {
  name: string;
  kind: "table" | "view";
  /** What one row is. */
  description: string;
  columns: { name: string; type: string; description: string }[];
  /** Of a view that is called as `name(from = …)`; empty for all else. */
  parameters: { name: string; type: string }[];
}

/** What a view computes, to the letter. */
export interface AnalyticsDefinition {
  name: string;
  /** Its SELECT as ClickHouse has it, with its parameters in braces. */
  sql: string;
}

/** Every error: RFC 9457, `application/problem+json`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The fields that were wrong; in a field of several lines also where, both from 1. */
  errors?: { path: string; message: string; line?: number; column?: number }[];
}
