import assert from "node:assert/strict";
import { dayGroups } from "./day_groups.js";

const now = new Date(2026, 10, 23, 0, 30);

function titles(...times: Date[]) {
  const conversations = times.map((time, index) => ({
    id: `${index}`,
    title: null,
    createdAt: time.toISOString(),
    updatedAt: time.toISOString(),
  }));
  return dayGroups(conversations, now).map(({ title, items }) => `${title}: ${items.length}`);
}

Deno.test("days begin at midnight, not a day ago", () => {
  assert.deepEqual(
    titles(new Date(2026, 10, 23, 0, 10), new Date(2026, 10, 22, 23, 50), new Date(2026, 10, 22)),
    ["Today: 1", "Yesterday: 2"],
  );
});

Deno.test("older conversations are grouped by weeks, months and years", () => {
  assert.deepEqual(
    titles(
      new Date(2026, 10, 20),
      new Date(2026, 10, 1),
      new Date(2026, 8, 30),
      new Date(2025, 8, 30),
    ),
    ["Previous 7 days: 1", "Previous 30 days: 1", "September: 1", "September 2025: 1"],
  );
});

Deno.test("a conversation from a clock that is ahead is of today", () => {
  assert.deepEqual(titles(new Date(2026, 10, 24)), ["Today: 1"]);
});
