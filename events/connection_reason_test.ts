import assert from "node:assert/strict";
import { connectionReason } from "./connection_reason.ts";

Deno.test("the reason of a broken connection is told without its address", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr as Deno.NetAddr;
  server.close();
  const refused = await fetch(`http://127.0.0.1:${port}/v1/models`).catch((error) => error);
  assert.equal(connectionReason(refused), "its address refused the connection");
  const unknown = await fetch("http://nowhere.invalid/").catch((error) => error);
  assert.equal(connectionReason(unknown), "its name is not known");
  const late = AbortSignal.timeout(0);
  await new Promise((resolve) => late.addEventListener("abort", resolve));
  assert.equal(connectionReason(late.reason), "it does not answer in time");
  assert.equal(connectionReason(new Error("what is this")), "the connection failed");
});
