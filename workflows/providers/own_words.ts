/** What a provider says itself, made fit for users: without keys, addresses and pages, and short. */

/** The longest quotation, in UTF-16 code units. */
const lengthMax = 300;

/** Providers repeat the keys that they do not accept, in part or whole. */
const keys = /\b(?:sk|pk|rk|key|xai|gsk|hf|AIza)[-_][^\s"'`,;]+|\bBearer\s+\S+|[\w*+/=-]{32,}/g;
const addresses =
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>)]+|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[0-9a-f:]{2,}\](?::\d+)?|\b[\w.-]+:\d{2,5}\b/gi;
const page = /<!doctype|<\/?[a-z][^>]*>/i;

/** @returns The words as they may be shown; null where nothing is left, or they are a page of a proxy. */
export function ownWords(message: string): string | null {
  // Both official packages put the status before the message.
  const words = message.replace(/^\d{3} /, "").replace(/\s+/g, " ").trim();
  if (words === "" || page.test(words) || words === "status code (no body)") return null;
  return withoutKeys(words.replace(addresses, "[address]")).slice(0, lengthMax);
}

/** For the log: the rest helps whoever reads it. */
export function withoutKeys(words: string): string {
  return words.replace(keys, "[key]");
}
