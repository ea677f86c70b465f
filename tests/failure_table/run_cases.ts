/** Has every case of the table happen, each as a turn of its own, beside each other and on real engines. */
import type { TurnView } from "../../events/contract/api.ts";
import type { ConversationEvent } from "../../events/contract/event.ts";
import { openSqliteStore } from "../../events/store/sqlite_store.ts";
import { Door } from "../../scripts/load/door.ts";
import {
  type MockOpenAi,
  type MockRequest,
  startMockOpenAi,
} from "../../scripts/load/mock_openai.ts";
import { startTemporaryStack } from "../../scripts/load/temporary_stack.ts";
import { type ReceivedPart, TurnClient } from "../../scripts/load/turn_client.ts";
import type { Stack } from "../../scripts/stack.ts";
import { cases, configurationOf, namesOf, tokens } from "./cases.ts";

/** What became of one case. */
export interface Outcome {
  turn: TurnView;
  parts: ReceivedPart[];
  events: ConversationEvent[];
  /** What the provider has seen of each attempt; null where it was shut. */
  requests: (MockRequest | null)[];
  requestCount: number;
  /** How many of the turn's calls the api has made, and seen the end of. */
  apiCalls: number;
}

/** More would keep a small machine from answering in time. */
const turnsAtOnce = 30;

/**
 * @param variables Settings of the stack that it happens on.
 * @returns What became of each case, in their order.
 */
export async function runCases(variables: Record<string, string>): Promise<Outcome[]> {
  const mock = startMockOpenAi({ tokens });
  const doors = doorsTo(mock);
  try {
    const { stack, stop } = await startTemporaryStack({
      models: configurationOf((model) => doors.get(model)?.url ?? mock.url),
      variables,
    });
    try {
      return await runOn(stack, mock, doors);
    } finally {
      await stop();
    }
  } finally {
    doors.forEach((door) => door.shut());
    await mock.close();
  }
}

/** @returns By model, where a provider may be shut: the way to it, shut where it fails. */
function doorsTo(mock: MockOpenAi): Map<string, Door> {
  const doors = new Map<string, Door>();
  cases.forEach(({ isShut, recovery }, index) => {
    if (!isShut) return;
    const { first, second } = namesOf(index);
    for (const name of [first, second]) doors.set(name, new Door(mock.url));
    doors.get(first)!.shut();
    if (recovery === "down") doors.get(second)!.shut();
  });
  return doors;
}

async function runOn(stack: Stack, mock: MockOpenAi, doors: Map<string, Door>): Promise<Outcome[]> {
  const client = await TurnClient.connect(stack.url);
  await getToKnow(client);
  const { requests, recover } = failAsTold(mock);
  const turns: Pick<Outcome, "turn" | "parts">[] = [];
  await besideEachOther(async (index) => {
    const { first, route } = namesOf(index);
    const { recovery } = cases[index];
    const { turnId } = await client.ask({ text: questionOf(index), model: route });
    const parts: ReceivedPart[] = [];
    for await (const received of client.parts(turnId)) {
      parts.push(received);
      const { type } = received.part;
      const recovers = recovery === "down" ? type === "waiting" : type === "attempt-end";
      if (recovers && recovery !== "next") {
        recover(index);
        doors.get(first)?.open();
      }
    }
    turns[index] = { turn: await client.turn(turnId), parts };
  });
  const [events, apiCalls] = await Promise.all([storedEvents(stack), callsOfApi(client)]);
  return turns.map(({ turn, parts }, index) => {
    const seen = requests[index].values();
    return {
      turn,
      parts,
      events: events.get(turn.id)!,
      requests: turn.attempts.map(({ error }) =>
        error?.class === "unreachable" && cases[index].isShut ? null : seen.next().value ?? null
      ),
      requestCount: requests[index].length,
      apiCalls: apiCalls.get(namesOf(index).first) ?? 0,
    };
  });
}

/** What the user asks in a case. */
export function questionOf(index: number): string {
  return `Case ${index}: ${cases[index].name}`;
}

/** Asks every vLLM once: the api leaves calls to workers until it knows that a server does not sleep. */
async function getToKnow(client: TurnClient): Promise<void> {
  await besideEachOther(async (index) => {
    if (cases[index].continuation !== "native") return;
    const { turnId } = await client.ask({ text: "Hello", model: namesOf(index).first });
    await client.untilEnded(turnId);
  });
}

async function besideEachOther(run: (index: number) => Promise<void>): Promise<void> {
  const waiting = cases.keys();
  await Promise.all(Array.from({ length: turnsAtOnce }, async () => {
    for (const index of waiting) await run(index);
  }));
}

/** From now on the provider fails as the cases say. @returns What it sees of each, and how a case's failing ends. */
function failAsTold(mock: MockOpenAi): {
  requests: MockRequest[][];
  recover(index: number): void;
} {
  const requests = cases.map((): MockRequest[] => []);
  const recovered = new Set<number>();
  mock.behave((request) => {
    const [who, number] = request.endpoint.split("-");
    const index = Number(number);
    const { recovery, behaviour } = cases[index];
    const isFirst = requests[index].push(request) === 1;
    const fails = recovery === "next" ? who === "first" : isFirst || recovery === "down";
    return { tokens, ...(fails && !recovered.has(index) && behaviour) };
  });
  return { requests, recover: (index) => recovered.add(index) };
}

async function storedEvents({ settings }: Stack): Promise<Map<string, ConversationEvent[]>> {
  const store = openSqliteStore(`${settings.TURNLOG_DATA}/turnlog.db`);
  const stored = await store.eventsAfter(0, 100_000);
  await store.close();
  const events: ConversationEvent[] = stored.map(({ body }) => JSON.parse(body));
  return Map.groupBy(events.filter(({ turnId }) => turnId), ({ turnId }) => turnId!);
}

/** @returns By model, as the api counts them. */
async function callsOfApi(client: TurnClient): Promise<Map<string, number>> {
  const metrics = await (await client.request("GET", "/metrics")).text();
  const counted = metrics.matchAll(/^turnlog_attempts_total\{.*model="([^"]+)".*\} (\d+)$/gm);
  const calls = new Map<string, number>();
  for (const [, model, count] of counted) {
    calls.set(model, (calls.get(model) ?? 0) + Number(count));
  }
  return calls;
}
