import assert from "node:assert/strict";
import { mapHttpFailure, readRetryAfterMs } from "./map_http_failure.ts";

function headersWith(name: string, value: string): Headers {
  return new Headers({ [name]: value });
}

Deno.test("a status decides the class", () => {
  const classes = [400, 401, 403, 404, 408, 413, 429, 500, 503, 529].map((status) =>
    mapHttpFailure({ status, headers: undefined, message: "m" }).class
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
