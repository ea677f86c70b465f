/** What tests need that start processes and wait for what they do. */
import assert from "node:assert/strict";

/** How often a condition is looked at. */
const lookMs = 25;

/** Waits until the condition holds. @throws AssertionError where it does not within `msMax`. */
export async function until(isSo: () => Promise<boolean>, msMax: number): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!await isSo()) {
    assert.ok(Date.now() < deadline, `not so within ${msMax} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** @returns A port that is free now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
