import assert from "node:assert/strict";
import { analyticsAddress, chatAddress, operationsAddress, parseRoute } from "./route.js";

const parse = (address: string) => parseRoute(new URL(address, "http://localhost"));

Deno.test("the root is a new conversation", () => {
  assert.deepEqual(parse("/"), { place: "chat", conversationId: null, turnId: null });
});

Deno.test("a conversation's address names the conversation and the turn", () => {
  assert.deepEqual(parse(chatAddress("a b", "t/1")), {
    place: "chat",
    conversationId: "a b",
    turnId: "t/1",
  });
});

Deno.test("an address of the analytics names section, item and filter", () => {
  const search = new URLSearchParams({ range: "7d" });
  const route = parse(analyticsAddress("models", "latency by/model", search));
  assert.ok(route.place === "analytics");
  assert.equal(route.section, "models");
  assert.equal(route.item, "latency by/model");
  assert.equal(route.search.get("range"), "7d");
  const all = parse(analyticsAddress("models", null, search));
  assert.equal(all.place === "analytics" && all.item, null);
});

Deno.test("the analytics begin with their overview", () => {
  for (const address of ["/analytics", "/analytics/"]) {
    const route = parse(address);
    assert.equal(route.place === "analytics" && route.section, "overview");
  }
});

Deno.test("the operators' address keeps the filter", () => {
  const route = parse(operationsAddress(new URLSearchParams({ status: "waiting" })));
  assert.ok(route.place === "operations");
  assert.equal(route.search.get("status"), "waiting");
  assert.equal(operationsAddress(new URLSearchParams()), "/operations");
});

Deno.test("an address with further parts or broken escapes names nothing", () => {
  for (
    const address of [
      "/c/a/b",
      "/c",
      "/c/",
      "/elsewhere",
      "/analytics/a/b/c",
      "/operations/a",
      "/%E0%A4%A",
    ]
  ) {
    assert.equal(parse(address).place, "unknown", address);
  }
});
