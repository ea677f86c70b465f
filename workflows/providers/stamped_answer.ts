/**
 * Answers whose tokens tell by themselves whether they are all there and how old they are: each is its number in the
 * answer and the time at which the provider gave it.
 */

/** @param sentMs Since 1970; now where it is absent. */
export function stampedToken(
  index: number,
  sentMs = performance.timeOrigin + performance.now(),
): string {
  return `${index}:${sentMs.toFixed(2)} `;
}

/**
 * @returns When each token of a text was given, in milliseconds since 1970; null where the text is not exactly the first
 * tokens of an answer.
 */
export function readStamps(text: string): number[] | null {
  if (text === "") return [];
  if (!text.endsWith(" ")) return null;
  const sentMs: number[] = [];
  for (const [index, token] of text.slice(0, -1).split(" ").entries()) {
    const match = /^(\d+):(\d+\.\d\d)$/.exec(token);
    if (match === null || Number(match[1]) !== index) return null;
    sentMs.push(Number(match[2]));
  }
  return sentMs;
}
