/** Waiting for a condition in a test. */
import assert from "node:assert/strict";

const withinMs = 5000;

/** @throws AssertionError where it does not come true within five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!condition()) {
    assert(performance.now() < deadlineMs, `not within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
