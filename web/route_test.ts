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

Deno.test("a view's address keeps the time range", () => {
  const address = analyticsAddress("turns_over_time", new URLSearchParams({ range: "7d" }));
  const route = parse(address);
  assert.ok(route.place === "analytics");
  assert.equal(route.view, "turns_over_time");
  assert.equal(route.search.get("range"), "7d");
});

Deno.test("the overview of analytics has no view", () => {
  const route = parse("/analytics/");
  assert.ok(route.place === "analytics");
  assert.equal(route.view, null);
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
      "/analytics/a/b",
      "/operations/a",
      "/%E0%A4%A",
    ]
  ) {
    assert.equal(parse(address).place, "unknown", address);
  }
});
