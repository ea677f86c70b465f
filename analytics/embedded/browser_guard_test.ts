import assert from "node:assert/strict";
import { refuseForeign } from "./browser_guard.ts";

function refused(headers: Record<string, string>, allowedHosts: string[] = []): boolean {
  const request = new Request("http://127.0.0.1:8123/");
  // A Request of the standard drops some of these headers; a server's has them.
  Object.defineProperty(request, "headers", { value: new Headers(headers) });
  return refuseForeign(request, allowedHosts) !== null;
}

Deno.test("an address or a name that nobody else can own is let in", () => {
  for (
    const host of ["127.0.0.1:8123", "localhost:8123", "[::1]:8123", "192.168.1.7", "LOCALHOST"]
  ) {
    assert.equal(refused({ host }), false, host);
  }
});

Deno.test("a name that somebody could let point here is not, unless it was named", () => {
  for (
    const host of ["evil.example:8123", "localhost.evil.example", "127.0.0.1.evil.example", ""]
  ) {
    assert.equal(refused({ host }), true, host);
  }
  assert.equal(refused({ host: "clickhouse:8123" }, ["clickhouse"]), false);
});

Deno.test("a web page of another origin is not let in", () => {
  const host = "127.0.0.1:8123";
  assert.equal(refused({ host, origin: "http://evil.example" }), true);
  assert.equal(refused({ host, origin: "http://127.0.0.1:8000" }), true);
  assert.equal(refused({ host, origin: "null" }), true);
  assert.equal(refused({ host, "sec-fetch-site": "cross-site" }), true);
  assert.equal(refused({ host, "sec-fetch-site": "same-site" }), true);
});

Deno.test("the address bar and a page of this server are let in", () => {
  const host = "127.0.0.1:8123";
  assert.equal(refused({ host, "sec-fetch-site": "none" }), false);
  assert.equal(
    refused({ host, origin: "http://127.0.0.1:8123", "sec-fetch-site": "same-origin" }),
    false,
  );
});
