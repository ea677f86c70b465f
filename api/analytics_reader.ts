/** Reads the dashboard's views from ClickHouse. A view tells all about itself: its parameters, and its chart in its comment. */
import {
  type ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
} from "@clickhouse/client";
import type { AnalyticsDefinition, AnalyticsRows, AnalyticsView } from "../events/contract/api.ts";
import { loggerOf } from "../events/logging.ts";
import { ProblemError } from "./problem.ts";
import { analyticsUnavailable } from "./sql/analytics_unavailable.ts";
import { codeProblem } from "./sql/query_problem.ts";

const log = loggerOf("analytics");

/** How long the definitions of the views are believed. */
const definitionsMs = 10_000;
/** A query over much may take long, on a server that says that it is there. */
const requestTimeoutMs = 30_000;
/** After so long a server is asked whether it is there, and has so long to say so. */
const defaultPatienceMs = 3000;
const pingTimeoutMs = 2000;
/** A server that was silent just now is not waited for by the other charts of the page as well. */
const silentMs = 2000;
/** The most rows that a chart gets. */
const rowsMax = 20_000;
const dayMs = 86_400_000;
/** Lengths of a bucket, in seconds, that people can read off an axis. */
const bucketSteps = [10, 60, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400];
/** About how many buckets a chart has. */
const bucketsMax = 120;
/** Parameters that narrow what is counted: to a model, to the turns of an experiment or of one of its variants, to failures. */
const filters = { model: "", experiment: "", variant: "", error_class: "" };

/** A view's parameters by name, with ClickHouse's type of each. */
export type ViewBindings = Record<string, { type: string; value: string }>;

export class AnalyticsReader {
  readonly #client: ClickHouseClient;
  readonly #pinger: ClickHouseClient;
  readonly #patienceMs: number;
  #silentUntilMs = 0;
  #definitions: { views: AnalyticsView[]; untilMs: number } | undefined;

  /** @param url May hold the user and the password. */
  constructor(url: string, { patienceMs = defaultPatienceMs }: { patienceMs?: number } = {}) {
    this.#patienceMs = patienceMs;
    const options = {
      url,
      application: "turnlog-api",
      // What goes wrong is thrown as well, and logged where it is caught.
      log: { level: ClickHouseLogLevel.OFF },
    };
    this.#client = createClient({
      ...options,
      request_timeout: requestTimeoutMs,
      clickhouse_settings: { date_time_output_format: "iso" },
    });
    this.#pinger = createClient({ ...options, request_timeout: pingTimeoutMs });
  }

  /** @throws ProblemError where ClickHouse does not answer. */
  async views(): Promise<AnalyticsView[]> {
    if (this.#definitions && this.#definitions.untilMs > Date.now()) {
      return this.#definitions.views;
    }
    const { data } = await this.#query<StoredView>(
      `SELECT name, comment, parameterized_view_parameters AS parameters FROM system.tables
       WHERE database = currentDatabase() AND engine = 'View' AND startsWith(comment, '{')`,
      {},
    );
    const views = data.flatMap(readDefinition).sort((a, b) => a.order - b.order);
    this.#definitions = { views, untilMs: Date.now() + definitionsMs };
    return views;
  }

  /**
   * @param given Parameters by name; `from` and `to` are times, and what is absent has a default: the last day, of all.
   * @throws ProblemError where there is no such view, a parameter is wrong, or ClickHouse does not answer.
   */
  async rows(name: string, given: Record<string, string>): Promise<AnalyticsRows> {
    const view = await this.view(name);
    const parameters = completeParameters(view, given);
    const bindings = view.parameters.map(({ name, type }) => `${name}={${name}:${type}}`);
    const call = bindings.length > 0 ? `${view.name}(${bindings.join(", ")})` : view.name;
    const { meta, data } = await this.#query<Record<string, unknown>>(
      `SELECT * FROM ${call} LIMIT ${rowsMax + 1}`,
      parameters,
    );
    const isTruncated = data.length > rowsMax;
    return { name, parameters, columns: meta, rows: data.slice(0, rowsMax), isTruncated };
  }

  /**
   * All rows of a view that is no chart of the dashboard; whole numbers of 64 bits come as text.
   *
   * @throws ProblemError where ClickHouse does not answer.
   */
  async select<Row>(view: string, bindings: ViewBindings): Promise<Row[]> {
    const call = Object.entries(bindings).map(([name, { type }]) => `${name}={${name}:${type}}`);
    const values = Object.entries(bindings).map(([name, { value }]) => [name, value]);
    const { data } = await this.#query<Row>(
      `SELECT * FROM ${view}(${call.join(", ")})`,
      Object.fromEntries(values),
    );
    return data;
  }

  /** @throws ProblemError where there is no such view, or ClickHouse does not answer. */
  async view(name: string): Promise<AnalyticsView> {
    const views = await this.views();
    const view = views.find((candidate) => candidate.name === name);
    if (view !== undefined) return view;
    const names = views.map(({ name }) => name).join(", ");
    throw new ProblemError("not-found", `There is no view ${name}. There are: ${names}`);
  }

  /** @throws ProblemError where there is no such view, or ClickHouse does not answer. */
  async definition(name: string): Promise<AnalyticsDefinition> {
    await this.view(name);
    const { data: [{ sql }] } = await this.#query<{ sql: string }>(
      `SELECT formatQuery(as_select) AS sql FROM system.tables
       WHERE database = currentDatabase() AND name = {name:String}`,
      { name },
    );
    return { name, sql };
  }

  async ping(): Promise<void> {
    const result = await this.#pinger.ping();
    if (!result.success) throw result.error;
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#pinger.close()]);
  }

  async #query<Row>(
    query: string,
    parameters: Record<string, string>,
  ): Promise<{ meta: { name: string; type: string }[]; data: Row[] }> {
    if (Date.now() < this.#silentUntilMs) throw analyticsUnavailable(undefined);
    const silent = new AbortController();
    const watch = setTimeout(() => this.#abortIfSilent(silent), this.#patienceMs);
    try {
      const query_params = Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, bindingOf(name, value)]),
      );
      const result = await this.#client.query({
        query,
        query_params,
        format: "JSON",
        abort_signal: silent.signal,
      });
      const { meta = [], data } = await result.json<Row>();
      return { meta, data };
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw analyticsUnavailable(error);
      throw codeProblem(Number(error.code), error.message, error);
    } finally {
      clearTimeout(watch);
    }
  }

  /** A process that hangs accepts connections and never answers. */
  async #abortIfSilent(silent: AbortController): Promise<void> {
    try {
      await this.ping();
    } catch (error) {
      this.#silentUntilMs = Date.now() + silentMs;
      silent.abort(error);
    }
  }
}

/** A view as ClickHouse lists it; its comment is JSON that its file defines. */
interface StoredView {
  name: string;
  comment: string;
  parameters: { name: string; type: string }[];
}

function readDefinition({ name, comment, parameters }: StoredView): AnalyticsView[] {
  try {
    const { isForOperators = false, ...definition } = JSON.parse(comment);
    const { title, section, order, description, remedy, chart } = definition;
    return [{
      name,
      title,
      section,
      order,
      description,
      parameters,
      isForOperators,
      remedy,
      chart,
    }];
  } catch (error) {
    log.warn("A view has a comment that cannot be read; it is left out", { name, error });
    return [];
  }
}

/** @returns Every parameter of the view with its value; times as ISO 8601. */
function completeParameters(
  view: AnalyticsView,
  given: Record<string, string>,
): Record<string, string> {
  const to = readTime("to", given.to) ?? new Date();
  const from = readTime("from", given.from) ?? new Date(to.getTime() - dayMs);
  if (from >= to) {
    throw new ProblemError("invalid-request", "from: must be before to", {
      errors: [{ path: "from", message: "must be before to" }],
    });
  }
  const values: Record<string, string | undefined> = {
    bucket: String(defaultBucket(to.getTime() - from.getTime())),
    ...filters,
    ...given,
    from: from.toISOString(),
    to: to.toISOString(),
  };
  return Object.fromEntries(view.parameters.map(({ name, type }) => {
    const value = values[name];
    if (value === undefined) throw wrongParameter(name, `is needed (${type})`);
    if (/^U?Int/.test(type) && !/^\d{1,9}$/.test(value)) {
      throw wrongParameter(name, "must be a whole number");
    }
    if (name === "bucket" && Number(value) < 1) throw wrongParameter(name, "must be 1 or more");
    return [name, value];
  }));
}

function defaultBucket(rangeMs: number): number {
  const seconds = rangeMs / 1000 / bucketsMax;
  return bucketSteps.find((step) => step >= seconds) ?? bucketSteps.at(-1)!;
}

function readTime(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw wrongParameter(name, "must be a time such as 2026-11-23T08:00:00Z");
  }
  return time;
}

function wrongParameter(path: string, message: string): ProblemError {
  return new ProblemError("invalid-request", `${path}: ${message}`, {
    errors: [{ path, message }],
  });
}

/** Times go as such, so that the server's own time zone does not matter. */
function bindingOf(name: string, value: string): string | Date {
  return name === "from" || name === "to" ? new Date(value) : value;
}
