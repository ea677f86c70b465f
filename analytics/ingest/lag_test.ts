import assert from "node:assert/strict";
import { Lag } from "./lag.ts";

Deno.test("a partition that goes to another process is not told of any more", () => {
  const lag = new Lag();
  lag.assign([0, 1]);
  lag.batch({ partition: 0, next: 5n, end: 9n }, 100);
  lag.batch({ partition: 1, next: 5n, end: 6n }, 100);
  lag.assign([1]);
  // The batch that was under way ends all the same.
  lag.batch({ partition: 0, next: 9n, end: 9n }, 100);
  lag.lookUp([{ partition: 0, next: 5n, end: 9n }, { partition: 1, next: 5n, end: 6n }], 200);
  assert.deepEqual(lag.partitions(), [{ partition: 1, messages: 1, oldestMs: 100 }]);
});

Deno.test("messages that no batch has brought are seen when the broker is asked", () => {
  const lag = new Lag();
  lag.assign([0]);
  lag.lookUp([{ partition: 0, next: 3n, end: 3n }], 100);
  assert.deepEqual(lag.partitions(), [{ partition: 0, messages: 0, oldestMs: null }]);
  lag.lookUp([{ partition: 0, next: 3n, end: 10n }], 200);
  lag.lookUp([{ partition: 0, next: 3n, end: 12n }], 300);
  assert.deepEqual(lag.partitions(), [{ partition: 0, messages: 9, oldestMs: 200 }]);
});

Deno.test("an answer of the broker that is older than a batch takes nothing back", () => {
  const lag = new Lag();
  lag.assign([0]);
  lag.batch({ partition: 0, next: 12n, end: 12n }, 100);
  lag.lookUp([{ partition: 0, next: 3n, end: 10n }], 200);
  assert.deepEqual(lag.partitions(), [{ partition: 0, messages: 0, oldestMs: null }]);
});

Deno.test("a batch that was fetched before the broker was asked does not take back how much there is", () => {
  const lag = new Lag();
  lag.assign([0]);
  lag.lookUp([{ partition: 0, next: 3n, end: 20n }], 100);
  lag.batch({ partition: 0, next: 12n, end: 12n }, 90);
  assert.deepEqual(lag.partitions(), [{ partition: 0, messages: 8, oldestMs: 90 }]);
});
