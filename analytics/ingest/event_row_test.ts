import assert from "node:assert/strict";
import {
  createEvent,
  createSystemEvent,
  type EventData,
  type EventType,
} from "../../events/contract/event.ts";
import { newEventId } from "../../events/event_id.ts";
import { readEventRows } from "./event_row.ts";
import { NotAnEventError } from "./fields.ts";

const usage = { inputTokens: 10, outputTokens: 20, cachedTokens: 3, reasoningTokens: 4 };

const attemptEnd = {
  provider: "local",
  model: "llama",
  requestModel: "meta/llama",
  isFallback: true,
  responseModel: "meta/llama-2",
  timeToFirstTokenMs: 151.5,
  durationMs: 400,
  usage,
  costUsd: 0.0012,
  priceVersion: "2026-11-01",
  text: "hello",
  reasoning: "",
  isContinuation: true,
  lastSequence: 3,
};

function event<Type extends EventType>(type: Type, data: EventData[Type]) {
  return createEvent({
    id: newEventId(),
    source: "turnlog/workflows",
    type,
    subject: {
      tenant: "default",
      userKey: "u",
      conversationId: "c",
      turnId: "t",
      attempt: 2,
      variants: { tone: "brief" },
    },
    data,
    time: new Date("2026-11-23T08:00:00.123Z"),
  });
}

function readBoth(value: unknown) {
  return readEventRows(new TextEncoder().encode(JSON.stringify(value)));
}

function read(value: unknown) {
  return readBoth(value).event;
}

Deno.test("what a model without a price costs is not known, unless it was not used", () => {
  const costOf = (data: Partial<EventData["attempt.completed"]>) =>
    read(event("attempt.completed", {
      ...attemptEnd,
      finishReason: { unified: "stop", raw: "eos" },
      ...data,
    })).cost_usd;
  const unused = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 };
  assert.equal(costOf({ costUsd: 0, priceVersion: null }), null);
  assert.equal(costOf({ costUsd: 0, priceVersion: null, usage: unused }), 0);
  assert.equal(costOf({ costUsd: 0, priceVersion: "2026-11-01" }), 0);
  assert.equal(costOf({ costUsd: 0.1, priceVersion: null }), 0.1);
});

Deno.test("the envelope and the charted data of an attempt become columns, and the data is kept but for its texts", () => {
  const fact = event("attempt.completed", {
    ...attemptEnd,
    finishReason: { unified: "stop", raw: "eos" },
  });
  const place = {
    event_id: fact.id,
    event_type: "attempt.completed",
    event_time: "2026-11-23 08:00:00.123",
    tenant: "default",
    user_key: "u",
    conversation_id: "c",
    turn_id: "t",
    attempt: 2,
  };
  const { text: _, reasoning: __, ...metrics } = JSON.parse(JSON.stringify(fact.data));
  const { event: row, texts } = readBoth(fact);
  assert.deepEqual(texts, { ...place, text: "hello" });
  assert.deepEqual(row, {
    ...place,
    source: "turnlog/workflows",
    subject: "",
    variants: { tone: "brief" },
    provider: "local",
    endpoint: null,
    model: "llama",
    request_model: "meta/llama",
    response_model: "meta/llama-2",
    outcome: "completed",
    finish_reason: "stop",
    is_fallback: true,
    is_continuation: true,
    time_to_first_token_ms: 151.5,
    duration_ms: 400,
    input_tokens: 10,
    output_tokens: 20,
    cached_tokens: 3,
    reasoning_tokens: 4,
    cost_usd: 0.0012,
    price_version: "2026-11-01",
    is_usage_estimated: false,
    text_length: 5,
    tool_call_count: 0,
    data: metrics,
  });
});

Deno.test("whatever people and models wrote is apart from what is counted, and nothing of it is left behind", () => {
  const toolCalls = [{ id: "1", name: "find", arguments: '{"what":"secret"}' }];
  const facts = [
    event("message.sent", { text: "secret", parentTurnId: "p", route: "r", requestHash: "h" }),
    event("attempt.completed", {
      ...attemptEnd,
      text: "a secret",
      reasoning: "secretly",
      toolCalls,
      finishReason: { unified: "tool-calls", raw: null },
    }),
    event("conversation.renamed", { title: "secret" }),
    event("feedback.given", { rating: "down", comment: "secret" }),
  ];
  const rows = facts.map(readBoth);
  for (const { event } of rows) assert.doesNotMatch(JSON.stringify(event), /secret/);
  assert.deepEqual(
    rows.map(({ texts }) => {
      const { text, reasoning, tool_calls, title, comment } = texts!;
      return { text, reasoning, tool_calls, title, comment };
    }).map((texts) => Object.fromEntries(Object.entries(texts).filter(([, text]) => text))),
    [
      { text: "secret" },
      { text: "a secret", reasoning: "secretly", tool_calls: JSON.stringify(toolCalls) },
      { title: "secret" },
      { comment: "secret" },
    ],
  );
  assert.equal(rows[0].event.text_length, 6);
  assert.equal(rows[1].event.tool_call_count, 1);
  assert.equal(rows[3].event.rating, "down");
  const created = event("conversation.created", { title: null });
  assert.equal(readBoth(created).texts, null);
});

Deno.test("a vote becomes the two turns, their models and the winner; any other number of them is refused", () => {
  const turnIds: [string, string] = ["a", "b"];
  const vote = (models: string[]) =>
    event("comparison.voted", { turnIds, models: models as [string, string], winner: "second" });
  const { compared_turn_ids, compared_models, winner } = readBoth(vote(["llama", "gpt"])).event;
  assert.deepEqual([compared_turn_ids, compared_models, winner], [
    turnIds,
    ["llama", "gpt"],
    "second",
  ]);
  for (const models of [[], ["llama"], ["llama", "gpt", "gpt"]]) {
    assert.throws(() => readBoth(vote(models)), /data\.models: found .*, not two texts/);
  }
});

Deno.test("a time until which something waits becomes how long that is", () => {
  const reason = { class: "overloaded" as const, message: "busy" };
  const waiting = event("turn.waiting", { until: "2026-11-23T08:00:10.123Z", reason });
  assert.equal(read(waiting).wait_ms, 10_000);
  const past = event("turn.waiting", { until: "2026-11-23T07:00:00.000Z", reason });
  assert.equal(read(past).wait_ms, 0);
});

Deno.test("a turn of a backtest is told apart, and leads to the turn that it answers again", () => {
  const fact = event("conversation.created", { title: null });
  const { backtest_id, backtest_turn_id } = read({
    ...fact,
    backtest: { id: "nightly", turnId: "original" },
  });
  assert.deepEqual([backtest_id, backtest_turn_id], ["nightly", "original"]);
  assert.equal("backtest_id" in read(fact), false);
});

Deno.test("a turn's end tells how it ended, and leaves tokens and cost to its attempts", () => {
  const end = { attempts: 1, durationMs: 500, usage, costUsd: 0.0012 };
  const error = { class: "overloaded" as const, message: "busy" };
  const rows = [
    read(event("turn.completed", { ...end, finishReason: { unified: "length", raw: null } })),
    read(event("turn.failed", { ...end, error })),
    read(event("turn.stopped", { ...end, textLength: 4 })),
  ];
  assert.deepEqual(
    rows.map(({ outcome, error_class, finish_reason, duration_ms, cost_usd, input_tokens }) => ({
      outcome,
      error_class,
      finish_reason,
      duration_ms,
      spent: [cost_usd, input_tokens],
    })),
    [
      ["completed", undefined, "length"],
      ["failed", "overloaded", undefined],
      ["stopped", undefined, undefined],
    ].map(([outcome, error_class, finish_reason]) => ({
      outcome,
      error_class,
      finish_reason,
      duration_ms: 500,
      spent: [undefined, undefined],
    })),
  );
});

Deno.test("an exposure and the changes of an experiment tell experiment, phase and variant", () => {
  const exposed = read(event("variant.exposed", {
    experiment: "tone",
    phase: 2,
    variant: "brief",
    unit: "user",
  }));
  const ended = read({
    ...event("conversation.created", { title: null }),
    type: "experiment.ended",
    data: { experiment: "tone", phase: 3, definition: { variants: [] }, winner: "brief" },
  });
  assert.deepEqual(
    [exposed, ended].map(({ experiment, phase, variant }) => [experiment, phase, variant]),
    [["tone", 2, "brief"], ["tone", 3, "brief"]],
  );
  assert.deepEqual(ended.data, {
    experiment: "tone",
    phase: 3,
    definition: '{"variants":[]}',
    winner: "brief",
  });
});

Deno.test("a sample tells what was found, and nothing of what does not apply", () => {
  const sample = createSystemEvent({
    id: newEventId(),
    source: "turnlog/api",
    type: "system.sampled",
    subject: "api/here:1",
    data: {
      component: "api",
      instance: "here:1",
      cpuShare: 0.25,
      memoryBytes: 5e9,
      callsWaiting: 2,
    },
  });
  const { component, instance, cpu_share, memory_bytes, calls_waiting, kv_cache_share } = read(
    sample,
  );
  assert.deepEqual(
    { component, instance, cpu_share, memory_bytes, calls_waiting, kv_cache_share },
    {
      component: "api",
      instance: "here:1",
      cpu_share: 0.25,
      memory_bytes: 5e9,
      calls_waiting: 2,
      kv_cache_share: null,
    },
  );
});

Deno.test("an attempt that the user stopped is neither completed nor failed", () => {
  const stopped = event("attempt.completed", {
    ...attemptEnd,
    finishReason: { unified: "stopped", raw: null },
  });
  assert.equal(read(stopped).outcome, "stopped");
});

Deno.test("a type that is not known here is kept, whatever its data is", () => {
  const row = read({
    ...event("conversation.created", { title: null }),
    type: "comet.sighted",
    conversationId: undefined,
    data: { model: { name: "x" }, durationMs: "soon" },
  });
  assert.equal(row.event_type, "comet.sighted");
  assert.equal(row.conversation_id, "");
  assert.deepEqual(row.data, { model: { name: "x" }, durationMs: "soon" });
});

Deno.test("a type that is named after what every object has is not known here either", () => {
  for (const type of ["constructor", "__defineGetter__", "__proto__"]) {
    const known = Object.keys(read(event("conversation.created", { title: null })));
    const row = read({ ...event("conversation.created", { title: null }), type });
    assert.deepEqual(Object.keys(row), known);
    assert.equal(row.event_type, type);
  }
});

Deno.test("a time with an offset is the same time in UTC", () => {
  const fact = event("conversation.created", { title: null });
  assert.equal(
    read({ ...fact, time: "2026-11-23T10:00:00+02:00" }).event_time,
    "2026-11-23 08:00:00.000",
  );
});

Deno.test("half of a surrogate pair becomes the replacement character, and whole pairs stay", () => {
  const fact = event("conversation.renamed", { title: "cut \ud83d here, not 😀" });
  assert.equal(readBoth(fact).texts!.title, "cut \ufffd here, not 😀");
});

Deno.test("what is no event is refused with the field and what was found in it", () => {
  const good = event("attempt.completed", {
    ...attemptEnd,
    finishReason: { unified: "stop", raw: null },
  });
  const cases: [unknown, RegExp][] = [
    [[1], /no object/],
    [{ ...good, specversion: "2.0" }, /^specversion: found "2.0"/],
    [{ ...good, id: "17" }, /^id: found "17", not a UUID/],
    [{ ...good, type: 3 }, /^type: found 3, not a text/],
    [{ ...good, time: "yesterday" }, /^time: found "yesterday"/],
    [{ ...good, time: "9999-01-01T00:00:00Z" }, /^time: /],
    [{ ...good, attempt: -1 }, /^attempt: found -1/],
    [{ ...good, attempt: 2 ** 32 }, /^attempt: found 4294967296/],
    [{ ...good, variants: { tone: 1 } }, /^variants: found \{"tone":1\}/],
    [{ ...good, backtest: { id: "b" } }, /^backtest\.turnId: found nothing, not a text/],
    [{ ...good, data: "x" }, /^data: found "x", not an object/],
    [
      { ...good, data: { ...good.data, toolCalls: {} } },
      /^data\.toolCalls: found \{\}, not a list/,
    ],
    [{ ...good, data: { ...good.data, model: null } }, /^data\.model: found null, not a text/],
    [
      { ...good, data: { ...good.data, usage: { inputTokens: 1.5 } } },
      /^data\.usage\.inputTokens: found 1\.5, not a whole number/,
    ],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => read(value), (error: unknown) => {
      assert.ok(error instanceof NotAnEventError);
      assert.equal(error.reasonClass, "not-an-event");
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("what is not JSON is told apart from what is no event", () => {
  const values = [null, new TextEncoder().encode("{"), new Uint8Array([0x22, 0xff, 0x22])];
  for (const value of values) {
    assert.throws(() => readEventRows(value), { name: "NotAnEventError", reasonClass: "not-json" });
  }
});

Deno.test("what a program asked is kept as a text, whatever keys it has", () => {
  const request = {
    messages: [{ role: "user" as const, content: "Hi" }],
    tools: [{ name: "t", parameters: { "a.b": 1, a: { b: 2 } } }],
  };
  const sent = event("message.sent", {
    text: "Hi",
    parentTurnId: null,
    route: "demo",
    requestHash: "h",
    request,
  });
  const { event: row, texts } = readBoth(sent);
  assert.equal(row.is_from_program, true);
  assert.equal(texts!.request, JSON.stringify(request));
});
