import assert from "node:assert/strict";
import { heartbeatTimeoutOf } from "./heartbeat_timeout.ts";

Deno.test("a dead worker is missed within seconds, and later where very many answers are written", () => {
  assert.deepEqual([0, 200, 201, 5000].map(heartbeatTimeoutOf), [2000, 2000, 20_000, 20_000]);
});
