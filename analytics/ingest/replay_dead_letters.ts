/**
 * Replays dead letters: reads what was set aside once more, as ingestion would today, and inserts what is an event now,
 * as after a newer version knows what an older one did not. It stands in the topic of events already, so that nobody else
 * gets it again.
 */
import { type ClickHouseClient, rowsOf } from "../clickhouse.ts";
import { clickHouseTime } from "../clickhouse_time.ts";
import { NotAnEventError } from "./fields.ts";
import { type InsertableEvent, insertEvents, readInsertable } from "./insert_events.ts";
import type { BatchContext } from "./retry.ts";

/** Which dead letters; all conditions hold of each. */
export interface DeadLetterFilter {
  /** The class of the reason, or a part of its words. */
  reason?: string;
  /** When the message came to Kafka: from the one time on, before the other. */
  from?: Date;
  to?: Date;
}

export interface ReplayedLetter {
  /** Topic, partition and offset. */
  place: string;
  messageTime: string;
  /** What it is now. */
  event?: { id: string; type: string };
  /** Why it still is none, where it is none. */
  reason?: string;
}

/** How many are read at once: each may be as large as a message may be. */
const pageLength = 50;

/**
 * Replays the letters in the order of their places, page after page. Those of which events are made are marked with the
 * time; the others stay as they are. After a crash in the middle, a letter may be replayed again, and is the same event.
 */
export async function* replayDeadLetters(
  clickHouse: ClickHouseClient,
  filter: DeadLetterFilter,
  stopping: AbortSignal,
): AsyncGenerator<ReplayedLetter> {
  const context: BatchContext = {
    heartbeat: () => Promise.resolve(),
    stopping,
    occasion: `replay ${crypto.randomUUID()}`,
  };
  let after: LetterRow | undefined;
  while (!stopping.aborted) {
    const letters = await readPage(clickHouse, filter, after);
    if (letters.length === 0) return;
    after = letters.at(-1);
    const reasons = new Map<LetterRow, string>();
    const events: (InsertableEvent & { type: string; letter: LetterRow })[] = [];
    for (const letter of letters) {
      try {
        events.push({ letter, ...readInsertable(bytesOf(letter), { isRebuilt: true }) });
      } catch (error) {
        if (!(error instanceof NotAnEventError)) throw error;
        reasons.set(letter, error.message);
      }
    }
    const refused = await insertEvents(clickHouse, events, context);
    for (const { refused: { letter }, reason } of refused) reasons.set(letter, reason);
    const replayed = events.filter(({ letter }) => !reasons.has(letter));
    await markReplayed(clickHouse, replayed.map(({ letter }) => letter));
    const made = new Map(replayed.map(({ letter, id, type }) => [letter, { id, type }]));
    for (const letter of letters) {
      yield {
        place: `${letter.topic} ${letter.partition} ${letter.offset}`,
        messageTime: letter.message_time,
        event: made.get(letter),
        reason: reasons.get(letter),
      };
    }
  }
}

interface LetterRow {
  topic: string;
  partition: number;
  offset: string | number;
  message_time: string;
  message_ms: string | number;
  value: string;
  value_encoding: "text" | "base64";
}

async function readPage(
  clickHouse: ClickHouseClient,
  { reason, from, to }: DeadLetterFilter,
  after: LetterRow | undefined,
): Promise<LetterRow[]> {
  const conditions = [
    "replayed_at IS NULL",
    ...(reason === undefined ? [] : [
      "(reason_class = {reason:String} OR positionCaseInsensitive(reason, {reason:String}) > 0)",
    ]),
    ...(from === undefined ? [] : ["message_time >= {from:DateTime64(3)}"]),
    ...(to === undefined ? [] : ["message_time < {to:DateTime64(3)}"]),
    ...(after === undefined ? [] : [
      "(topic, partition, offset, message_ms) > ({topic:String}, {partition:UInt32}, {offset:UInt64}, {ms:UInt64})",
    ]),
  ];
  return await rowsOf<LetterRow>(
    clickHouse,
    `SELECT * FROM dead_letters FINAL WHERE ${conditions.join(" AND ")}
      ORDER BY topic, partition, offset, message_ms LIMIT ${pageLength}`,
    { reason, from, to, ...placeOf(after) },
  );
}

/** Nothing else of the letter: its reason is not the one that is asked for, and its value may be larger than an address. */
function placeOf(letter: LetterRow | undefined) {
  if (letter === undefined) return {};
  const { topic, partition, offset, message_ms } = letter;
  return { topic, partition, offset, ms: message_ms };
}

/** The same rows once more, of which the table keeps the newer ones. */
async function markReplayed(clickHouse: ClickHouseClient, letters: LetterRow[]): Promise<void> {
  if (letters.length === 0) return;
  const replayed_at = clickHouseTime(new Date());
  await clickHouse.insert({
    table: "dead_letters",
    values: letters.map((letter) => ({ ...letter, replayed_at })),
    format: "JSONEachRow",
  });
}

function bytesOf({ value, value_encoding }: LetterRow): Uint8Array {
  return value_encoding === "base64"
    ? Uint8Array.fromBase64(value)
    : new TextEncoder().encode(value);
}
