import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ReceivedMessage } from "../../events/kafka/kafka_log.ts";
import type { ClickHouseClient } from "../clickhouse.ts";
import { Duplicates } from "./duplicates.ts";

const context = {
  heartbeat: () => Promise.resolve(),
  stopping: new AbortController().signal,
  occasion: "test",
};

/** What counts over a ClickHouse that has these events, what is asked of that, and what is stated to it. */
function countingWith(there: string[]) {
  const stated: { partition: number; events: number }[] = [];
  const lookedUp: string[][] = [];
  const client = {
    query({ query_params: { ids } }: { query_params: { ids: string[] } }) {
      lookedUp.push(ids);
      const found = ids.filter((id) => there.includes(id)).length;
      return Promise.resolve({ json: () => Promise.resolve([{ there: found }]) });
    },
    async exec({ values }: { values: Readable }) {
      stated.push(JSON.parse(await text(values)));
      return { stream: Readable.from([]) };
    },
  };
  const duplicates = new Duplicates(client as unknown as ClickHouseClient);
  return { duplicates, lookedUp, stated };
}

type Counting = ReturnType<typeof countingWith>;

/** Ingests a batch of these events that begins at the offset. @returns How many are stated to have come before. */
async function ingest(
  { duplicates, stated }: Counting,
  offset: number,
  ids: string[],
): Promise<number> {
  const events = ids.map((id) => ({ id, type: "turn.started", time: "2026-11-24 10:00:00.000" }));
  const messages = ids.map((_, index) =>
    ({ partition: 3, offset: BigInt(offset + index) }) as ReceivedMessage
  );
  const byOthers = await duplicates.insertedByOthers(messages, events, context);
  await duplicates.inserted(messages, events, byOthers, context);
  assert.ok(stated.length <= 1 && stated.every(({ partition }) => partition === 3));
  return stated.pop()?.events ?? 0;
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

Deno.test("an event that comes twice in a batch, or in a later one, is counted each time", async () => {
  const counting = countingWith([]);
  assert.equal(await ingest(counting, 0, ["a", "b", "a", "a"]), 2);
  assert.equal(await ingest(counting, 4, ["c", "b"]), 1);
});

Deno.test("what was inserted before this process began is looked up, until a batch has none of it", async () => {
  const counting = countingWith(numbered(0, 1200));
  assert.equal(await ingest(counting, 0, [...numbered(0, 900), "0"]), 901);
  assert.equal(await ingest(counting, 901, numbered(900, 1500)), 300);
  assert.equal(await ingest(counting, 1501, numbered(1500, 2000)), 0);
  assert.ok(counting.lookedUp.every((ids) => ids.length <= 500));
  const queries = counting.lookedUp.length;
  assert.equal(await ingest(counting, 2001, numbered(2000, 2500)), 0);
  assert.equal(
    counting.lookedUp.length,
    queries,
    "nothing is asked while batches follow each other",
  );
});

Deno.test("a few ids are asked of a partition that is new here, where nothing came again", async () => {
  const counting = countingWith([]);
  assert.equal(await ingest(counting, 7000, numbered(0, 900)), 0);
  assert.deepEqual(counting.lookedUp, [numbered(0, 10)]);
});

Deno.test("what comes after others were at the partition is looked up again", async () => {
  const counting = countingWith(["y"]);
  assert.equal(await ingest(counting, 0, ["x"]), 0);
  assert.equal(await ingest(counting, 50, ["y"]), 1);
});
