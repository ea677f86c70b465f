/** An export page by page: what is taken, what is left out and counted, and what becomes of executions that were given up. */
import assert from "node:assert/strict";
import {
  createEvent,
  createSystemEvent,
  type EventData,
  type EventType,
  type TurnlogEvent,
} from "../../events/contract/event.ts";
import type { ExportedConversation, ExportPlan } from "../../events/contract/export.ts";
import { noUsage } from "../../events/contract/usage.ts";
import { newEventId } from "../../events/event_id.ts";
import type { EventStore } from "../../events/store/event_store.ts";
import { withStore } from "../../events/store/temporary_store.ts";
import { exportedConversation } from "./exported_conversation.ts";
import { writeExportFile } from "./export_files.ts";
import { exportPage, type PageCounts, pageLimits } from "./export_page.ts";

const signal = new AbortController().signal;
const sentAt = new Date("2026-11-20T08:00:00.000Z");

interface PastTurn {
  conversationId: string;
  turnId: string;
  userKey?: string;
  sentAt?: Date;
  model?: string;
  status?: "completed" | "failed" | "running";
  rating?: "up" | "down";
  backtest?: { id: string; turnId: string };
  /** What it cost; null where the model has no price. */
  costUsd?: number | null;
}

function eventsOf({ status = "completed", model = "llama", rating, ...past }: PastTurn) {
  const { conversationId, turnId, userKey = "willing", backtest, sentAt: time = sentAt } = past;
  const { costUsd: cost = 0.25 } = past;
  const costUsd = cost ?? 0;
  const subject = {
    tenant: "default",
    userKey,
    conversationId,
    turnId,
    attempt: 1,
    ...(backtest && { backtest }),
  };
  const event = <Type extends EventType>(type: Type, data: EventData[Type]) =>
    createEvent({ id: newEventId(), source: "tests", type, subject, data, time }) as TurnlogEvent;
  const target = { provider: "local", model, requestModel: "meta/llama", isFallback: false };
  const end = { attempts: 1, durationMs: 900, usage: noUsage, costUsd };
  const attemptEnd = {
    ...target,
    responseModel: "meta/llama-2",
    timeToFirstTokenMs: 120.5,
    durationMs: 850,
    usage: { ...noUsage, inputTokens: 3, outputTokens: 2 },
    costUsd,
    priceVersion: cost === null ? null : "2026-11-01",
    text: `Answer to ${turnId}: “naïve” 🙂\n`,
    reasoning: "",
    isContinuation: false,
    lastSequence: 2,
  };
  const finishReason = { unified: "stop", raw: "stop" } as const;
  const error = { class: "overloaded", message: "Busy" } as const;
  const message = { text: `Ask ${turnId}`, parentTurnId: null, route: "default", requestHash: "h" };
  return [
    event("message.sent", message),
    event("attempt.started", { ...target, continues: 0 }),
    ...(status === "running" ? [] : status === "completed"
      ? [
        event("attempt.completed", { ...attemptEnd, finishReason }),
        event("turn.completed", { ...end, finishReason }),
      ]
      : [
        event("attempt.failed", { ...attemptEnd, error }),
        event("turn.failed", { ...end, error }),
      ]),
    ...(rating ? [event("feedback.given", { rating, comment: null })] : []),
  ];
}

function consent(type: "consent.given" | "consent.withdrawn", userKey: string) {
  const id = newEventId();
  const subject = `user/${userKey}`;
  return createSystemEvent({ id, source: "tests", type, subject, data: { userKey } });
}

function planOf(selection: Partial<ExportPlan["selection"]> = {}): ExportPlan {
  return {
    id: "e",
    formats: ["jsonl", "fine-tuning"],
    selection: {
      from: "2026-11-01T00:00:00.000Z",
      to: "2026-12-01T00:00:00.000Z",
      completedOnly: true,
      ...selection,
    },
    keepMs: 1000,
  };
}

/** Reads page after page, each by two executions of which the first breaks off. @returns What the joined file holds. */
async function exportAll(
  store: EventStore,
  plan: ExportPlan,
  limits = pageLimits,
): Promise<{ conversations: ExportedConversation[]; examples: string[]; counts: PageCounts[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const parts: string[] = [];
    const counts: PageCounts[] = [];
    let cursor: string | undefined;
    do {
      const page = { store, folder, plan, cursor, signal };
      await assert.rejects(
        exportPage({ ...page, store: failingAtTheEnd(store), part: `${parts.length}.1` }, limits),
        /the worker died/,
      );
      const part = `${parts.length}.2`;
      const read = await exportPage({ ...page, part }, limits);
      parts.push(part);
      counts.push(read.counts);
      cursor = read.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const linesOf = async (format: "jsonl" | "fine-tuning") => {
      const { name } = await writeExportFile({ folder, format, parts, execution: 1, signal });
      const text = await Deno.readTextFile(`${folder}/${name}`);
      return text.split("\n").filter((line) => line !== "");
    };
    const conversations = (await linesOf("jsonl")).map((line) => JSON.parse(line));
    return { conversations, examples: await linesOf("fine-tuning"), counts };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Gives the page, and breaks off at its last conversation. */
function failingAtTheEnd(
  store: EventStore,
): Pick<EventStore, "allConversations" | "conversationTurns"> {
  let left = Infinity;
  return {
    async allConversations(query) {
      const page = await store.allConversations(query);
      left = Math.min(page.items.length, 2);
      return page;
    },
    conversationTurns(id) {
      if (--left <= 0) return Promise.reject(new Error("the worker died"));
      return store.conversationTurns(id);
    },
  };
}

function sum(counts: PageCounts[]) {
  return counts.reduce((a, b) => ({
    read: a.read + b.read,
    conversations: a.conversations + b.conversations,
    turns: a.turns + b.turns,
    withoutConsent: {
      conversations: a.withoutConsent.conversations + b.withoutConsent.conversations,
      turns: a.withoutConsent.turns + b.withoutConsent.turns,
    },
  }));
}

Deno.test("each conversation of those who allow it is exported once, as the store has it, and the others are counted", () =>
  withStore(async (store) => {
    const users = ["willing", "silent", "former"];
    const ids = Array.from({ length: 30 }, (_, index) => `c${index}`);
    for (const [index, conversationId] of ids.entries()) {
      const userKey = users[index % 3];
      await store.append(
        ["a", "b"].flatMap((turn) =>
          eventsOf({ conversationId, turnId: `${conversationId}${turn}`, userKey })
        ),
      );
    }
    await store.append([consent("consent.given", "willing"), consent("consent.given", "former")]);
    await store.append([consent("consent.withdrawn", "former")]);

    const { conversations, examples, counts } = await exportAll(store, planOf(), {
      ...pageLimits,
      conversations: 4,
    });
    const expected = await Promise.all(
      ids.filter((_, index) => index % 3 === 0).map(async (id) =>
        exportedConversation((await store.conversation(id))!, await store.conversationTurns(id))
      ),
    );
    assert.deepEqual(conversations, JSON.parse(JSON.stringify(expected)));
    assert.equal(conversations[0].turns[0].text, "Answer to c0a: “naïve” 🙂\n");
    assert.equal(examples.length, 20);
    assert.equal(counts.length, 8);
    assert.deepEqual(sum(counts), {
      read: 30,
      conversations: 10,
      turns: 20,
      withoutConsent: { conversations: 20, turns: 40 },
    });
  }));

Deno.test("what an answer cost is null where its model has no price, and 0 where that is its price", () =>
  withStore(async (store) => {
    const costs = { unpriced: null, free: 0, paid: 0.25 };
    await store.append(
      Object.entries(costs).flatMap(([turnId, costUsd]) =>
        eventsOf({ conversationId: "c", turnId, costUsd })
      ),
    );
    await store.append([consent("consent.given", "willing")]);
    const { conversations: [{ turns }] } = await exportAll(store, planOf());
    assert.deepEqual(Object.fromEntries(turns.map(({ id, costUsd }) => [id, costUsd])), costs);
  }));

Deno.test("a page ends where it is long enough, and the next one goes on there", () =>
  withStore(async (store) => {
    for (const id of ["a", "b", "c"]) {
      await store.append(eventsOf({ conversationId: id, turnId: id }));
    }
    await store.append([consent("consent.given", "willing")]);
    const folder = await Deno.makeTempDir();
    try {
      const page = { store, folder, plan: planOf(), signal };
      const limits = { conversations: 100, length: 1 };
      const first = await exportPage({ ...page, part: "0" }, limits);
      assert.deepEqual([first.counts.read, first.nextCursor === null], [1, false]);
      const rest = await exportPage({ ...page, cursor: first.nextCursor!, part: "1" });
      assert.deepEqual([rest.counts.read, rest.nextCursor], [2, null]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }));

Deno.test("each filter takes the turns that it names, and no others", () =>
  withStore(async (store) => {
    const past: PastTurn[] = [
      { conversationId: "c", turnId: "plain" },
      { conversationId: "c", turnId: "early", sentAt: new Date("2026-10-31T23:59:59.999Z") },
      { conversationId: "c", turnId: "late", sentAt: new Date("2026-12-01T00:00:00.000Z") },
      { conversationId: "c", turnId: "other-model", model: "gpt" },
      { conversationId: "c", turnId: "liked", rating: "up" },
      { conversationId: "c", turnId: "failed", status: "failed" },
      { conversationId: "c", turnId: "running", status: "running" },
      { conversationId: "d", turnId: "of-another", userKey: "other" },
      {
        conversationId: "e",
        turnId: "again",
        userKey: "backtest",
        backtest: { id: "b", turnId: "plain" },
      },
      { conversationId: "f", turnId: "deleted" },
    ];
    for (const turn of past) await store.append(eventsOf(turn));
    const subject = { tenant: "default", userKey: "willing", conversationId: "f" };
    await store.append([
      createEvent({
        id: newEventId(),
        source: "tests",
        type: "conversation.deleted",
        subject,
        data: {},
      }),
      ...["willing", "other", "backtest"].map((userKey) => consent("consent.given", userKey)),
    ]);
    const taken = async (selection: Partial<ExportPlan["selection"]>) => {
      const { conversations, counts } = await exportAll(store, planOf(selection));
      assert.equal(sum(counts).withoutConsent.turns, 0);
      return conversations.flatMap(({ turns }) => turns.map(({ id }) => id));
    };
    assert.deepEqual(await taken({}), ["plain", "other-model", "liked", "of-another"]);
    assert.deepEqual(await taken({ model: "gpt" }), ["other-model"]);
    assert.deepEqual(await taken({ rating: "up" }), ["liked"]);
    assert.deepEqual(await taken({ userKey: "other" }), ["of-another"]);
    assert.deepEqual(await taken({ tenant: "default", completedOnly: false }), [
      "plain",
      "other-model",
      "liked",
      "failed",
      "of-another",
    ]);
    assert.deepEqual(
      await taken({ from: "2026-10-01T00:00:00.000Z", to: "2026-11-01T00:00:00.000Z" }),
      [
        "early",
      ],
    );
  }));
