/** The views' definitions, and their numbers against counts that are made by hand from the same events. */
import assert from "node:assert/strict";
import type { AnalyticsView } from "../events/contract/api.ts";
import { backtestTurnId, backtestUserKey } from "../events/contract/backtest.ts";
import {
  type ConversationEvent,
  createEvent,
  createSystemEvent,
  type EventData,
  type EventOf,
  type EventType,
  type ModelState,
  type TurnlogEvent,
} from "../events/contract/event.ts";
import { eventExamples } from "../events/contract/event_examples.ts";
import { type FailureClass, failureClasses } from "../events/contract/failure.ts";
import { stepEventId } from "../events/event_id.ts";
import { readEventRows } from "./ingest/event_row.ts";
import { migrate } from "./migrate.ts";
import { createTemporaryDatabase } from "./temporary_database.ts";

const bucketMs = 600_000;
const dayMs = 86_400_000;
/** The events reach over both ends of the range, and the ends are in the middle of a bucket. */
const firstMs = Date.parse("2026-11-22T20:00:00Z");
const range = {
  from: Date.parse("2026-11-22T20:25:30.500Z"),
  to: Date.parse("2026-11-23T03:44:10.250Z"),
};
const lastMs = Date.parse("2026-11-23T04:30:00Z");

const sections = ["overview", "models", "reliability", "cost", "people", "ingestion"];
/** What a view may ask for: the API fills in no other parameters. */
const parameterTypes: Record<string, string> = {
  from: "DateTime64(3)",
  to: "DateTime64(3)",
  bucket: "UInt32",
  model: "String",
  experiment: "String",
  variant: "String",
  error_class: "String",
};
const exampleValues: Record<string, string> = {
  "DateTime64(3)": "'2026-11-23 00:00:00'",
  UInt32: "60",
  String: "''",
};

Deno.test("the views of the dashboard", async (test) => {
  await using database = await createTemporaryDatabase();
  await migrate({ url: database.url });
  const events = someEvents();
  // No view but the comparison may count what a backtest ran.
  const rows = [...events, ...events.map(rerun)].map((event) =>
    readEventRows(new TextEncoder().encode(JSON.stringify(event))).event
  );
  // Twice, as after a crash: the views must not see it.
  for (let time = 0; time < 2; time++) {
    await database.client.insert({ table: "events", values: rows, format: "JSONEachRow" });
  }
  const inRange = events.filter(({ time }) => isIn(time));

  const definitions = await database.rows<
    {
      name: string;
      comment: string;
      parameterized_view_parameters: { name: string; type: string }[];
    }
  >(
    "SELECT name, comment, parameterized_view_parameters FROM system.tables " +
      "WHERE database = currentDatabase() AND engine = 'View' AND comment != '' ORDER BY name",
  );
  const view = async <Row = Record<string, unknown>>(name: string): Promise<Row[]> => {
    const { parameterized_view_parameters } = definitions.find((each) => each.name === name)!;
    const bindings = parameterized_view_parameters.map(({ name, type }) =>
      `${name}={${name}:${type}}`
    );
    return await database.rows<Row>(`SELECT * FROM ${name}(${bindings.join(", ")})`, {
      from: new Date(range.from),
      to: new Date(range.to),
      bucket: bucketMs / 1000,
      model: "",
      experiment: "",
      variant: "",
      error_class: "",
    });
  };

  await test.step("each tell in their comment what they are and how they are drawn", async () => {
    assert.deepEqual(
      definitions.map(({ name }) => name),
      [...Deno.readDirSync(new URL("./views/", import.meta.url))].map(({ name }) =>
        name.slice(0, -4)
      ).sort(),
    );
    for (const { name, comment, parameterized_view_parameters } of definitions) {
      const { title, section, order, description, chart } = JSON.parse(comment) as AnalyticsView;
      assert.match(title, /^[A-Z]/, name);
      assert.ok(sections.includes(section), name);
      assert.ok(Number.isInteger(order), name);
      assert.match(description, /\.$/, name);
      assert.ok(["line", "bars", "stacked-bars", "table"].includes(chart.type), name);
      assert.ok(["count", "ms", "tokens", "usd", "ratio"].includes(chart.unit), name);
      const types = new Map(parameterized_view_parameters.map(({ name, type }) => [name, type]));
      assert.equal(types.get("from"), "DateTime64(3)", name);
      assert.equal(types.get("to"), "DateTime64(3)", name);
      types.forEach((type, parameter) => assert.equal(parameterTypes[parameter], type, name));
      const columns = await database.client.query({
        query: `SELECT * FROM ${name}(${
          [...types].map(([name, type]) => `${name} = ${exampleValues[type]}`)
        })`,
        format: "JSONCompactEachRowWithNamesAndTypes",
      });
      const [names, columnTypes] = await columns.json<string[]>();
      const typeOf = (column: string) => columnTypes[names.indexOf(column)];
      assert.match(typeOf(chart.x), /^DateTime/, `${name}.${chart.x}`);
      for (const { column, title } of chart.y) {
        assert.match(typeOf(column), /Int|Float|Decimal/, `${name}.${column}`);
        assert.match(title, /^\S/, name);
      }
      if (chart.series !== undefined) assert.match(typeOf(chart.series), /String/, name);
    }
  });

  await test.step("turns_over_time counts messages, people and conversations", async () => {
    const sent = inRange.filter(({ type }) => type === "message.sent");
    assert.ok(sent.length > 100);
    assert.deepEqual(
      await view("turns_over_time"),
      buckets().map((time) => {
        const here = sent.filter((event) => bucketOf(event.time) === time);
        return {
          time,
          turns: here.length,
          users: new Set(here.map(({ userKey }) => userKey)).size,
          conversations: new Set(here.map(({ conversationId }) => conversationId)).size,
        };
      }),
    );
  });

  await test.step("outcomes and fallback_rate count each turn once, at its last end", async () => {
    const ends = new Map<string, { time: string; outcome: string }>();
    for (const { type, turnId, time } of inRange.toSorted((a, b) => a.time < b.time ? -1 : 1)) {
      const outcome = /^turn\.(completed|failed|stopped)$/.exec(type)?.[1];
      if (outcome) ends.set(turnId!, { time, outcome });
    }
    const fellBack = new Set(
      events.flatMap((event) =>
        (event.type === "attempt.completed" || event.type === "attempt.failed") &&
          event.data.isFallback && Date.parse(event.time) < range.to
          ? [event.turnId]
          : []
      ),
    );
    const expected = buckets().map((time) => {
      const here = [...ends].filter(([, end]) => bucketOf(end.time) === time);
      const count = (outcome: string) => here.filter(([, end]) => end.outcome === outcome).length;
      const fallbacks = here.filter(([turnId]) => fellBack.has(turnId)).length;
      return {
        time,
        turns: here.length,
        completed: count("completed"),
        stopped: count("stopped"),
        failed: count("failed"),
        fallback_turns: fallbacks,
        fallback_rate: here.length > 0 ? fallbacks / here.length : null,
        failure_rate: here.length > 0 ? count("failed") / here.length : null,
      };
    });
    for (const column of ["completed", "stopped", "failed", "fallback_turns"] as const) {
      assert.ok(expected.some((row) => row[column] > 0), `no ${column} to count`);
    }
    assert.deepEqual(await view("outcomes"), expected);
    assert.deepEqual(
      await view("fallback_rate"),
      expected.map(({ time, turns, fallback_turns, fallback_rate, failure_rate }) => ({
        time,
        turns,
        fallback_turns,
        fallback_rate,
        failure_rate,
      })),
    );
  });

  await test.step("error_classes counts failed attempts by the class of their error", async () => {
    const failed = inRange.filter((event) => event.type === "attempt.failed");
    const groups = groupBy(failed, ({ time, data }) => [bucketOf(time), data.error.class]);
    assert.ok(groups.length > 5);
    assert.deepEqual(
      await view("error_classes"),
      groups.map(({ key: [time, error_class], items }) => ({
        time,
        error_class,
        attempts: items.length,
        turns: new Set(items.map(({ turnId }) => turnId)).size,
      })),
    );
  });

  const ended = inRange.filter((event) =>
    event.type === "attempt.completed" || event.type === "attempt.failed"
  );

  await test.step("latency_by_model and total_latency_by_model take exact percentiles", async () => {
    const expected = groupBy(ended, ({ time, data }) => [bucketOf(time), data.model]).map(
      ({ key: [time, model], items }) => {
        const firstToken = items.map(({ data }) => data.timeToFirstTokenMs);
        const total = items.map((event) =>
          event.type === "attempt.completed" && event.data.finishReason.unified !== "stopped"
            ? event.data.durationMs
            : null
        );
        return {
          time,
          model,
          attempts: items.length,
          time_to_first_token_ms_p50: percentile(firstToken, 0.5),
          time_to_first_token_ms_p95: percentile(firstToken, 0.95),
          time_to_first_token_ms_p99: percentile(firstToken, 0.99),
          duration_ms_p50: percentile(total, 0.5),
          duration_ms_p95: percentile(total, 0.95),
          duration_ms_p99: percentile(total, 0.99),
        };
      },
    );
    assert.ok(expected.some((row) => row.duration_ms_p50 === null), "no group without a total");
    assert.deepEqual(await view("latency_by_model"), expected);
    assert.deepEqual(
      await view("total_latency_by_model"),
      expected.map((
        { time, model, attempts, duration_ms_p50, duration_ms_p95, duration_ms_p99 },
      ) => ({
        time,
        model,
        attempts,
        duration_ms_p50,
        duration_ms_p95,
        duration_ms_p99,
      })),
    );
  });

  await test.step("tokens_and_cost_by_model and tokens_by_model sum attempts, and no turn again", async () => {
    const day = (time: string) => asTime(Math.floor(Date.parse(time) / dayMs) * dayMs);
    const expected = groupBy(ended, ({ time, data }) => [day(time), data.model]).map(
      ({ key: [time, model], items }) => {
        const sum = (of: (data: typeof items[number]["data"]) => number) =>
          items.reduce((total, { data }) => total + of(data), 0);
        return {
          time,
          model,
          attempts: items.length,
          input_tokens: sum(({ usage }) => usage.inputTokens),
          output_tokens: sum(({ usage }) => usage.outputTokens),
          cached_tokens: sum(({ usage }) => usage.cachedTokens),
          reasoning_tokens: sum(({ usage }) => usage.reasoningTokens),
          // Costs are whole millionths of a dollar here, so that this sum is exact too.
          cost_usd: Math.round(sum(({ costUsd }) => costUsd * 1e6)) / 1e6,
        };
      },
    );
    assert.equal(new Set(expected.map(({ time }) => time)).size, 2);
    assert.deepEqual(await view("tokens_and_cost_by_model"), expected);
    assert.deepEqual(
      await view("tokens_by_model"),
      expected.map(({ cost_usd: _, ...row }) => row),
    );
  });

  await test.step("ingestion_lag measures from an event's time to its insert", async () => {
    const ingested = new Map(
      (await database.rows<{ event_id: string; ms: number }>(
        "SELECT event_id, toUnixTimestamp64Milli(ingested_at) AS ms FROM events FINAL",
      )).map(({ event_id, ms }) => [event_id, ms]),
    );
    assert.deepEqual(
      await view("ingestion_lag"),
      buckets().map((time) => {
        const lags = inRange.filter((event) => bucketOf(event.time) === time)
          .map(({ id, time }) => Math.max(0, ingested.get(id)! - Date.parse(time)));
        return {
          time,
          events: lags.length,
          lag_ms_p50: percentile(lags, 0.5),
          lag_ms_p95: percentile(lags, 0.95),
          lag_ms_max: lags.length > 0 ? Math.max(...lags) : null,
        };
      }),
    );
  });

  await test.step("dead_letters_over_time counts each message once, by the class of the reason", async () => {
    const letters = [
      { offset: 1, message_time: asTime(range.from, 3), reason_class: "not-json" },
      { offset: 2, message_time: asTime(range.from, 3), reason_class: "not-json" },
      { offset: 3, message_time: asTime(range.from, 3), reason_class: "refused" },
      { offset: 4, message_time: asTime(range.to, 3), reason_class: "refused" },
    ].map((letter) => ({ topic: "events", partition: 0, ...letter }));
    for (let time = 0; time < 2; time++) {
      await database.client.insert({
        table: "dead_letters",
        values: letters,
        format: "JSONEachRow",
      });
    }
    const [time] = buckets();
    assert.deepEqual(await view("dead_letters_over_time"), [
      { time, reason_class: "not-json", dead_letters: 2 },
      { time, reason_class: "refused", dead_letters: 1 },
    ]);
  });

  await test.step("model_states counts the changes by the state that they came into", async () => {
    const time = new Date(range.from + 1000);
    const changed = (to: ModelState, durationMs: number | null) =>
      createSystemEvent({
        id: crypto.randomUUID(),
        source: "test",
        type: "model.state_changed",
        subject: "provider/local",
        time,
        data: {
          provider: "local",
          endpoint: "http://local/v1",
          requestModel: "m",
          from: "asleep",
          to,
          reason: "a test",
          durationMs,
        },
      });
    const values = [changed("loading", null), changed("awake", 900), changed("awake", 1200)]
      .map((event) => readEventRows(new TextEncoder().encode(JSON.stringify(event))).event);
    await database.client.insert({ table: "events", values, format: "JSONEachRow" });
    const bucket = { time: bucketOf(time.toISOString()) };
    assert.deepEqual(await view("model_states"), [
      { ...bucket, state: "local: awake", changes: 2, slowest_ms: 1200 },
      { ...bucket, state: "local: loading", changes: 1, slowest_ms: null },
    ]);
  });

  await test.step("provider_health counts what happened at each endpoint", async () => {
    const time = buckets()[1];
    const rows = someHealthEvents(Date.parse(`${time}Z`))
      .map((event) => readEventRows(new TextEncoder().encode(JSON.stringify(event))).event);
    for (let time = 0; time < 2; time++) {
      await database.client.insert({ table: "events", values: rows, format: "JSONEachRow" });
    }
    const at = (endpoint: string) => ({
      time,
      provider: "local",
      endpoint,
      address: `local ${endpoint}`,
    });
    assert.deepEqual(await view("provider_health"), [
      {
        ...at("http://a/v1"),
        attempts: 4,
        failed_attempts: 2,
        cool_downs: 2,
        recoveries: 2,
        cooled_down_ms: 60_000,
      },
      {
        ...at("http://b/v1"),
        attempts: 1,
        failed_attempts: 0,
        cool_downs: 0,
        recoveries: 0,
        cooled_down_ms: 0,
      },
    ]);
  });
});

/** What is told of two endpoints within one bucket of time, each event a second after the one before. */
function someHealthEvents(fromMs: number): TurnlogEvent[] {
  const attempt = eventExamples.find((event) => event.type === "attempt.completed")!;
  const failed = eventExamples.find((event) => event.type === "attempt.failed")!;
  const cooledDown = eventExamples.find((event) => event.type === "provider.cooled_down")!;
  const recovered = eventExamples.find((event) => event.type === "provider.recovered")!;
  const failedAs = (failureClass: FailureClass) => ({
    ...failed,
    data: { ...failed.data, error: { class: failureClass, message: "No" } },
  });
  const [here, there] = ["http://a/v1", "http://b/v1"];
  const { endpoint: _, ...withoutEndpoint } = attempt.data;
  const told: [TurnlogEvent, string][] = [
    [attempt, here],
    [failedAs("overloaded"), here],
    [failedAs("bad-request"), here],
    [failedAs("unreachable"), here],
    [cooledDown, here],
    [recovered, here],
    [cooledDown, here],
    [recovered, here],
    [attempt, there],
  ];
  const events = told.map(([event, endpoint]) =>
    ({ ...event, data: { ...event.data, endpoint } }) as TurnlogEvent
  );
  return [...events, { ...attempt, data: withoutEndpoint }].map((event, index) => ({
    ...event,
    id: crypto.randomUUID(),
    time: new Date(fromMs + index * 1000).toISOString(),
  }));
}

/** Turns of every kind: answered, stopped, failed, fallen back, and failed first and answered after a reset. */
function someEvents(): ConversationEvent[] {
  const random = deterministicRandom();
  const events: ConversationEvent[] = [];
  for (let turn = 0; turn < 400; turn++) {
    const turnId = `turn-${turn}`;
    const subject = {
      tenant: "default",
      userKey: `user-${Math.floor(random() * 9)}`,
      conversationId: `conversation-${Math.floor(random() * 60)}`,
      turnId,
    };
    let ms = firstMs + Math.floor(random() * (lastMs - firstMs));
    let attempt = 0;
    const append = <Type extends EventType>(type: Type, data: EventData[Type]) => {
      const step = `${events.length}`;
      events.push(createEvent({
        id: stepEventId(turnId, "run", step),
        source: "turnlog/workflows",
        type,
        subject: attempt > 0 && type.startsWith("attempt.") ? { ...subject, attempt } : subject,
        data,
        time: new Date(ms),
      }) as EventOf<EventType> as ConversationEvent);
      ms += 1 + Math.floor(random() * 20_000);
    };
    const usage = () => ({
      inputTokens: Math.floor(random() * 1000),
      outputTokens: Math.floor(random() * 500),
      cachedTokens: Math.floor(random() * 100),
      reasoningTokens: Math.floor(random() * 50),
    });
    const attemptData = (model: string, isFallback: boolean, gotToken: boolean) => ({
      provider: "simulated",
      model,
      requestModel: model,
      isFallback,
      responseModel: gotToken ? model : null,
      timeToFirstTokenMs: gotToken ? Math.floor(random() * 40_000) / 10 : null,
      durationMs: Math.floor(random() * 600_000) / 10,
      usage: usage(),
      costUsd: Math.floor(random() * 5000) / 1e6,
      priceVersion: null,
      text: "text",
      reasoning: "",
      isContinuation: false,
      lastSequence: 3,
    });
    const turnEnd = () => ({ attempts: attempt, durationMs: 100, usage: usage(), costUsd: 7 });
    const answer = (isFallback: boolean, unified: "stop" | "stopped") => {
      attempt++;
      append("attempt.completed", {
        ...attemptData(isFallback ? "spare" : "first", isFallback, true),
        finishReason: { unified, raw: null },
      });
    };
    const fail = (isFallback: boolean) => {
      attempt++;
      const errorClass = failureClasses[Math.floor(random() * 4)];
      append("attempt.failed", {
        ...attemptData(isFallback ? "spare" : "first", isFallback, random() < 0.3),
        error: { class: errorClass, message: "it failed" },
      });
    };
    const error = { class: "overloaded" as const, message: "all failed" };
    const finishReason = { unified: "stop" as const, raw: null };

    append("message.sent", {
      text: "hello",
      parentTurnId: null,
      route: "default",
      requestHash: "x",
    });
    append("turn.started", { route: "default", candidates: ["first", "spare"] });
    const kind = random();
    if (kind < 0.55) {
      answer(false, "stop");
      append("turn.completed", { ...turnEnd(), finishReason });
    } else if (kind < 0.7) {
      answer(false, "stopped");
      append("turn.stopped", { ...turnEnd(), textLength: 2 });
    } else if (kind < 0.85) {
      fail(false);
      answer(true, "stop");
      append("turn.completed", { ...turnEnd(), finishReason });
    } else {
      fail(false);
      fail(true);
      append("turn.failed", { ...turnEnd(), error });
      if (kind > 0.93) {
        ms += Math.floor(random() * 3_600_000);
        answer(false, "stop");
        append("turn.completed", { ...turnEnd(), finishReason });
      }
    }
  }
  return events;
}

/** The same event as a backtest would state it, about a turn of its own. */
function rerun(event: ConversationEvent): ConversationEvent {
  const turnId = backtestTurnId("nightly", event.turnId!);
  return {
    ...event,
    id: stepEventId(turnId, "run", event.id),
    userKey: backtestUserKey,
    conversationId: turnId,
    turnId,
    backtest: { id: "nightly", turnId: event.turnId! },
  };
}

function isIn(time: string): boolean {
  return Date.parse(time) >= range.from && Date.parse(time) < range.to;
}

function bucketOf(time: string): string {
  return asTime(Math.floor(Date.parse(time) / bucketMs) * bucketMs);
}

/** Every bucket of the range, with events or without. */
function buckets(): string[] {
  const first = Math.floor(range.from / bucketMs) * bucketMs;
  return Array.from(
    { length: Math.ceil((range.to - first) / bucketMs) },
    (_, index) => asTime(first + index * bucketMs),
  );
}

/** As ClickHouse writes a time, with so many digits of a second. */
function asTime(ms: number, digits = 0): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, digits > 0 ? 20 + digits : 19);
}

/** ClickHouse's exact quantile: the value at this share of the ordered ones, with none between two. */
function percentile(values: (number | null)[], level: number): number | null {
  const ordered = values.filter((value) => value !== null).sort((a, b) => a - b);
  return ordered[Math.floor(level * ordered.length)] ?? null;
}

function groupBy<Item>(items: Item[], keyOf: (item: Item) => [string, string]) {
  const groups = Map.groupBy(items, (item) => JSON.stringify(keyOf(item)));
  return [...groups].map(([key, items]) => ({ key: JSON.parse(key) as [string, string], items }))
    .sort((a, b) => a.key.join(" ") < b.key.join(" ") ? -1 : 1);
}

/** The same numbers from 0 to 1 in every run (mulberry32). */
function deterministicRandom(): () => number {
  let state = 20261123;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
