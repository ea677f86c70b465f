import assert from "node:assert/strict";
import { evolveTurn, type TurnState } from "../events/contract/conversation.ts";
import { createEvent, type EventData, type EventType } from "../events/contract/event.ts";
import {
  type Answer,
  applyPart,
  formatPosition,
  parsePosition,
  type PlacedPart,
  type StreamPart,
} from "../events/contract/stream_part.ts";
import { noUsage } from "../events/contract/usage.ts";
import { LiveTurn } from "./live_turn.ts";
import { readTurnStream } from "./turn_stream.ts";

/** One turn as the store and the topic would tell it. */
class Scene {
  readonly live = new LiveTurn();
  readonly heard: PlacedPart[] = [];
  turn: TurnState | null = null;
  #ids = 0;

  constructor() {
    this.store("message.sent", {
      text: "Hi",
      parentTurnId: null,
      route: "default",
      requestHash: "h",
    });
  }

  store<Type extends EventType>(type: Type, data: EventData[Type], attempt?: number): void {
    const id = String(++this.#ids);
    const subject = { tenant: "t", userKey: "u", conversationId: "c", turnId: "turn", attempt };
    this.turn = evolveTurn(
      this.turn,
      createEvent({ id, source: "s", type, subject, data }) as never,
    );
  }

  publish(place: string, part: StreamPart): void {
    const placed = { position: parsePosition(place)!, part };
    this.heard.push(placed);
    this.live.hear(placed);
  }

  start(attempt: number, continues?: number): void {
    this.store("attempt.started", { ...target, continues: continues ?? 0 }, attempt);
    const part = { type: "attempt-start", attempt, provider: "p", model: "m" } as const;
    this.publish(`${attempt}.0`, { ...part, ...(continues && { continues }) });
  }

  /** Ends the attempt with these deltas in the store; on the topic only from `heardFrom` on. */
  end(attempt: number, deltas: string[], failure = false): void {
    const lastSequence = deltas.length + 1;
    const data = {
      ...target,
      responseModel: null,
      timeToFirstTokenMs: 1,
      durationMs: 2,
      usage: noUsage,
      costUsd: 0,
      priceVersion: null,
      text: deltas.join(""),
      reasoning: "",
      isContinuation: false,
      lastSequence,
    };
    if (failure) this.store("attempt.failed", { ...data, error: cutOff }, attempt);
    else {
      const finishReason = { unified: "stop", raw: "stop" } as const;
      this.store("attempt.completed", { ...data, finishReason }, attempt);
    }
  }

  attemptEnd(attempt: number, sequence: number, outcome: "completed" | "failed"): void {
    this.publish(`${attempt}.${sequence}`, { type: "attempt-end", attempt, outcome });
  }

  complete(place: string): void {
    const total = { attempts: 1, durationMs: 3, usage: noUsage, costUsd: 0 };
    this.store("turn.completed", { ...total, finishReason: { unified: "stop", raw: "stop" } });
    this.publish(place, endOfTurn);
  }

  /** Reads until the end, or until `count` parts came. */
  async read(after: string | null, count = Infinity): Promise<PlacedPart[]> {
    const abort = new AbortController();
    const parts: PlacedPart[] = [];
    const stream = readTurnStream({
      turn: this.turn!,
      after: after === null ? null : parsePosition(after),
      live: this.live,
      loadTurn: () => Promise.resolve(this.turn),
      signal: abort.signal,
    });
    for await (const part of stream) {
      if (part !== null) parts.push(part);
      if (parts.length >= count) break;
    }
    abort.abort();
    return parts;
  }
}

Deno.test("whoever comes from beyond the end of a turn is told that it has ended", async () => {
  const scene = new Scene();
  scene.start(1);
  scene.end(1, ["Hi"]);
  scene.complete("1.3");
  const parts = await scene.read("99.99999");
  assert.deepEqual(parts.map(({ part }) => part.type), ["end"]);
});

const target = { provider: "p", model: "m", requestModel: "m", isFallback: false };
const cutOff = { class: "cut-off", message: "It broke" } as const;
const endOfTurn: StreamPart = {
  type: "end",
  status: "completed",
  usage: noUsage,
  costUsd: 0,
  finishReason: { unified: "stop", raw: "stop" },
};

const delta = (text: string): StreamPart => ({ type: "text-delta", text });
const places = (parts: PlacedPart[]) => parts.map(({ position }) => formatPosition(position));
const nothing: Answer = { text: "", reasoning: "", seams: [] };
const answerOf = (parts: PlacedPart[], from: Answer = nothing) =>
  parts.reduce((answer, { part }) => applyPart(answer, part), from);

/** Attempt 1 breaks off after three deltas, attempt 2 continues it to the end; all of it is heard. */
function continuedTurn(): Scene {
  const scene = new Scene();
  scene.start(1);
  ["Hel", "lo", " wo"].forEach((text, index) => scene.publish(`1.${index + 1}`, delta(text)));
  scene.end(1, ["Hel", "lo", " wo"], true);
  scene.attemptEnd(1, 4, "failed");
  scene.start(2, 8);
  ["rl", "d"].forEach((text, index) => scene.publish(`2.${index + 1}`, delta(text)));
  scene.end(2, ["rl", "d"]);
  scene.attemptEnd(2, 3, "completed");
  scene.complete("2.4");
  return scene;
}

Deno.test("a reader from the beginning gets every part once, in order, and then the end", async () => {
  const parts = await continuedTurn().read(null);
  assert.deepEqual(places(parts), [
    "0.0",
    "1.0",
    "1.1",
    "1.2",
    "1.3",
    "1.4",
    "2.0",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
  ]);
  assert.deepEqual(answerOf(parts), { text: "Hello world", reasoning: "", seams: [8] });
});

Deno.test("a reader that comes back anywhere misses nothing and gets nothing twice", async () => {
  const all = await continuedTurn().read(null);
  for (const [index, { position }] of all.entries()) {
    const rest = await continuedTurn().read(formatPosition(position));
    assert.deepEqual(places(rest), places(all.slice(index + 1)), `after ${index}`);
    assert.equal(answerOf([...all.slice(0, index + 1), ...rest]).text, "Hello world");
  }
});

Deno.test("a process that has heard nothing tells the whole turn from the store", async () => {
  const scene = continuedTurn();
  const unheard = Object.assign(new Scene(), { turn: scene.turn });
  assert.equal(answerOf(await unheard.read(null)).text, "Hello world");
});

Deno.test("a reader in the middle of an attempt that was not heard ends with the exact text", async () => {
  const scene = continuedTurn();
  const all = await scene.read(null);
  for (const [index, { position }] of all.entries()) {
    const unheard = Object.assign(new Scene(), { turn: scene.turn });
    const rest = await unheard.read(formatPosition(position));
    const answer = answerOf(rest, answerOf(all.slice(0, index + 1)));
    assert.equal(answer.text, "Hello world", `after ${formatPosition(position)}`);
  }
});

Deno.test("deltas that were lost with their worker are told by the store", async () => {
  const scene = new Scene();
  scene.start(1);
  scene.publish("1.1", delta("Hel"));
  // 1.2 and 1.3 never reached the topic.
  scene.end(1, ["Hel", "lo", " wo"], true);
  scene.start(2, 8);
  scene.publish("2.1", delta("rld"));
  scene.end(2, ["rld"]);
  scene.attemptEnd(2, 2, "completed");
  scene.complete("2.3");
  const parts = await scene.read(null);
  assert.equal(answerOf(parts).text, "Hello world");
  assert.deepEqual(places(parts).slice(0, 3), ["0.0", "1.0", "1.1"]);
});

Deno.test("what a worker that was believed dead still says of an old attempt is not heard", async () => {
  const scene = new Scene();
  scene.start(1);
  scene.publish("1.1", delta("Hello"));
  scene.end(1, ["Hello"], true);
  scene.attemptEnd(1, 2, "failed");
  scene.start(2);
  scene.live.hear({ position: { attempt: 1, sequence: 3 }, part: delta("ghost") });
  scene.publish("2.1", delta("Bye"));
  scene.publish("2.1", delta("Bye"));
  scene.end(2, ["Bye"]);
  scene.attemptEnd(2, 2, "completed");
  scene.complete("2.3");
  assert.equal(answerOf(await scene.read(null)).text, "Bye");
});

Deno.test("a reader that heard more from a worker that only hung goes on with the attempt that follows", async () => {
  const scene = new Scene();
  scene.start(1);
  scene.publish("1.1", delta("Hello"));
  // Another worker ends the attempt with that, while the one that hung goes on for a moment.
  scene.end(1, ["Hello"], true);
  scene.publish("1.2", delta(" ghost"));
  scene.publish("1.3", delta("s"));
  scene.live.hear({
    position: { attempt: 1, sequence: 2 },
    part: { type: "attempt-end", attempt: 1, outcome: "failed" },
  });
  scene.start(2, 5);
  scene.publish("2.1", delta(" world"));
  // While the second attempt is still being written.
  const parts = await scene.read(null, 7);
  assert.deepEqual(places(parts), ["0.0", "1.0", "1.1", "1.2", "1.3", "2.0", "2.1"]);
  assert.equal(answerOf(parts).text, "Hello world");
});

Deno.test("a reader waits for what is still to come", async () => {
  const scene = new Scene();
  const reading = scene.read(null, 3);
  scene.start(1);
  await Promise.resolve();
  scene.publish("1.1", delta("Hi"));
  assert.deepEqual(places(await reading), ["0.0", "1.0", "1.1"]);
});

Deno.test("the end of a turn that was reset is not the end", async () => {
  const scene = new Scene();
  scene.start(1);
  scene.end(1, [], true);
  scene.attemptEnd(1, 1, "failed");
  const total = { attempts: 1, durationMs: 3, usage: noUsage, costUsd: 0 };
  scene.store("turn.failed", { ...total, error: cutOff });
  scene.publish("1.2", { ...endOfTurn, status: "failed" });
  assert.deepEqual(places(await scene.read(null)).at(-1), "1.2");

  scene.start(2);
  scene.publish("2.1", delta("Hi"));
  scene.end(2, ["Hi"]);
  scene.attemptEnd(2, 2, "completed");
  scene.complete("2.3");
  const parts = await scene.read(null);
  assert.deepEqual(parts.filter(({ part }) => part.type === "end").length, 1);
  assert.equal(answerOf(parts).text, "Hi");
  assert.deepEqual(places(await scene.read("1.2")), ["2.0", "2.1", "2.2", "2.3"]);
});

Deno.test("a reader that has seen the end gets nothing more", async () => {
  assert.deepEqual(await continuedTurn().read("2.4"), []);
});

Deno.test("text and reasoning that alternate keep their order and their places", async () => {
  const scene = new Scene();
  scene.start(1);
  scene.publish("1.1", { type: "reasoning-delta", text: "hm" });
  scene.publish("1.2", delta("A"));
  scene.publish("1.3", { type: "reasoning-delta", text: "m" });
  scene.publish("1.4", delta("B"));
  const parts = await scene.read(null, 6);
  assert.deepEqual(parts.slice(2), scene.heard.slice(1));
  assert.deepEqual(places(await scene.read("1.2", 2)), ["1.3", "1.4"]);
});
