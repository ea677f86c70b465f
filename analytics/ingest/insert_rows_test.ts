import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { ClickHouseError } from "@clickhouse/client";
import type { ClickHouseClient } from "../clickhouse.ts";
import { insertRows } from "./insert_rows.ts";

interface Insert {
  /** Of the rows' JSON, each on a line. */
  values: Readable;
  clickhouse_settings: { insert_deduplication_token: string };
}

/** A ClickHouse that refuses some rows, and says of the first one of them where it stands. */
function clickHouseRefusing(bad: number[], place: (index: number) => string) {
  const inserts: Insert[] = [];
  const taken: number[] = [];
  const client = {
    async exec(insert: Insert) {
      inserts.push(insert);
      const ids = (await text(insert.values)).split("\n").map((line) => JSON.parse(line).id);
      const index = ids.findIndex((id) => bad.includes(id));
      if (index >= 0) {
        const message = `Cannot parse it${place(index)}`;
        throw new ClickHouseError({ message, code: "27", type: "CANNOT_PARSE" });
      }
      taken.push(...ids);
      return { stream: Readable.from([]) };
    },
  };
  return { client: client as unknown as ClickHouseClient, inserts, taken };
}

const rows = Array.from({ length: 1000 }, (_, id) => ({
  id: String(id),
  json: JSON.stringify({ id }),
}));
const context = {
  heartbeat: () => Promise.resolve(),
  stopping: new AbortController().signal,
  occasion: "test",
};

const places: [string, (index: number) => string, number][] = [
  ["names them", (index) => `: (at row ${index + 1})`, 6],
  ["names others", (index) => `: (at row ${(index + 500) % 1000 + 1})`, 100],
  ["names none", () => "", 50],
];
for (const [how, place, insertsMax] of places) {
  Deno.test(`rows that ClickHouse refuses are found where it ${how}, and all others are inserted`, async () => {
    const { client, inserts, taken } = clickHouseRefusing([17, 999], place);
    const refused = await insertRows(client, "events", rows, context);
    assert.deepEqual(refused.map(({ refused: { id } }) => id).sort(), ["17", "999"]);
    assert.deepEqual(
      taken.sort((a, b) => a - b),
      rows.map(({ id }) => Number(id)).filter((id) => id !== 17 && id !== 999),
    );
    assert.ok(inserts.length <= insertsMax, `${inserts.length} inserts`);
  });
}

Deno.test("the same rows are told by the same token, but for another occasion by another one", async () => {
  const { client, inserts } = clickHouseRefusing([], () => "");
  await insertRows(client, "events", rows, context);
  await insertRows(client, "events", rows.map((row) => ({ ...row })), context);
  await insertRows(client, "events", rows.slice(1), context);
  await insertRows(client, "events", rows, { ...context, occasion: "another" });
  const [first, again, fewer, another] = inserts.map((insert) =>
    insert.clickhouse_settings.insert_deduplication_token
  );
  assert.equal(again, first);
  assert.equal(new Set([first, fewer, another]).size, 3);
});
