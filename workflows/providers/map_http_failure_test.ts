import assert from "node:assert/strict";
import { mapHttpFailure, readRetryAfterMs } from "./map_http_failure.ts";

function headersWith(name: string, value: string): Headers {
  return new Headers({ [name]: value });
}

Deno.test("a status decides the class", () => {
  const classes = [400, 401, 403, 404, 408, 413, 429, 500, 503, 529].map((status) =>
    mapHttpFailure({ provider: "p", status, headers: undefined, message: "m" }).class
  );
  assert.deepEqual(classes, [
    "bad-request",
    "bad-credentials",
    "bad-credentials",
    "bad-request",
    "timed-out",
    "context-too-long",
    "rate-limited",
    "overloaded",
    "overloaded",
    "overloaded",
  ]);
});

Deno.test("the provider's own code outranks the status", () => {
  const failure = mapHttpFailure({
    provider: "p",
    status: 400,
    headers: undefined,
    message: "m",
    specific: "context-too-long",
  });
  assert.equal(failure.class, "context-too-long");
});

Deno.test("Retry-After is read as seconds, as milliseconds and as a date", () => {
  const now = Date.parse("2026-11-01T00:00:00Z");
  assert.equal(readRetryAfterMs(headersWith("retry-after", "2"), now), 2000);
  assert.equal(readRetryAfterMs(headersWith("retry-after-ms", "150"), now), 150);
  assert.equal(
    readRetryAfterMs(headersWith("retry-after", "Sun, 01 Nov 2026 00:00:30 GMT"), now),
    30_000,
  );
  assert.equal(readRetryAfterMs(headersWith("retry-after", "soon"), now), undefined);
  assert.equal(readRetryAfterMs(undefined, now), undefined);
});

Deno.test("users are told in Turnlog's words, and in the provider's own where they say what to change", () => {
  const told = (status: number, message: string) =>
    mapHttpFailure({ provider: "p", status, headers: undefined, message }).message;
  assert.equal(
    told(401, "401 bad key sk-SECRET"),
    "p does not accept its key, or the key may not do this (status 401)",
  );
  assert.equal(told(502, "502 <html>http://10.0.0.7</html>"), "p cannot answer now (status 502)");
  assert.equal(
    told(400, "400 temperature must be non-negative"),
    "p does not accept the request (status 400): temperature must be non-negative",
  );
  assert.match(told(402, "402 No credit left"), /status 402\): No credit left/);
});
