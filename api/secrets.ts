/** Secrets that callers send, held against those that are known, in a time that tells nothing of them. */
import { createHash, timingSafeEqual } from "node:crypto";

/** @returns What stands behind `Bearer`; empty where there is nothing. */
export function bearerOf(headers: Headers): string {
  return /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1].trim() ?? "";
}

/** @returns Whether it is one of those that are known; each is compared, wherever it differs. */
export function isKnownSecret(given: string, known: readonly string[]): boolean {
  const digest = digestOf(given);
  return known.filter((secret) => timingSafeEqual(digestOf(secret), digest)).length > 0;
}

function digestOf(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
