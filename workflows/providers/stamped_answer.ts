/**
 * Answers whose tokens tell by themselves whether they are all there and how old they are: each is its number in the
 * answer and the time at which it was given. About as long as a real token, so that nothing costs more than it would.
 */

/** Stamps are in tenths of a millisecond, and begin anew after this many of them: 1000 s. */
const stampsMax = 10_000_000;

/** @param sentMs Since 1970; now where it is absent. */
export function stampedToken(index: number, sentMs = nowMs()): string {
  return `${index.toString(36)}.${(Math.round(sentMs * 10) % stampsMax).toString(36)} `;
}

/**
 * @returns When each token of a text was given, in milliseconds since 1970, if that was within the last 1000 s; null where
 * the text is not exactly the first tokens of an answer.
 */
export function readStamps(text: string): number[] | null {
  if (text === "") return [];
  if (!text.endsWith(" ")) return null;
  const now = Math.round(nowMs() * 10);
  const sentMs: number[] = [];
  for (const [index, token] of text.slice(0, -1).split(" ").entries()) {
    const match = /^([0-9a-z]+)\.([0-9a-z]+)$/.exec(token);
    if (match === null || parseInt(match[1], 36) !== index) return null;
    const age = (now % stampsMax - parseInt(match[2], 36) + stampsMax) % stampsMax;
    sentMs.push((now - age) / 10);
  }
  return sentMs;
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
