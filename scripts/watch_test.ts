import assert from "node:assert/strict";
import { rolesOf } from "./watch.ts";

Deno.test("a changed source restarts the processes that load it", () => {
  assert.deepEqual(rolesOf("workflows/providers/openai.ts"), ["worker"]);
  assert.deepEqual(rolesOf("api/routes/turns.ts"), ["api"]);
  assert.deepEqual(rolesOf("web/index.html"), ["api"]);
  assert.deepEqual(rolesOf("analytics/views/outcomes.sql"), ["ingest"]);
  assert.deepEqual(rolesOf("events/contract/event.ts"), ["api", "worker", "ingest"]);
});

Deno.test("a test or an editor's copy restarts nothing", () => {
  assert.deepEqual(rolesOf("events/relay_test.ts"), []);
  assert.deepEqual(rolesOf("events/relay.ts~"), []);
});
