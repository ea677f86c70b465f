/** How many tokens a text has, for when no provider has counted them: at least, and about. */

/**
 * The pieces into which the tokenizers of OpenAI (cl100k_base) and of Llama 3 cut a text before they look for tokens;
 * no token reaches over the end of a piece. Those of others cut much the same or finer.
 */
const pieces =
  /[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
const words = /\p{L}/u;
/** Scripts that put no space between words, so that whole sentences are one piece. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** The longest words of vocabularies, about, in UTF-16 code units. */
const wordLengthMax = 16;
const unspacedWordLengthMax = 4;
/** UTF-8 bytes in a token of English prose; other scripts have fewer. */
const bytesPerToken = 5;

/**
 * @returns What the text takes in any of today's vocabularies, at least: whoever takes less than this cannot take it.
 * Against o200k_base and cl100k_base: 90 to 97 % of the truth for English and for code, 65 % for JSON, 40 to 70 % for
 * other languages, never above it.
 */
export function tokensAtLeast(text: string): number {
  let count = 0;
  for (const [piece] of text.matchAll(pieces)) {
    if (!words.test(piece)) count++;
    else {
      count += Math.ceil(
        piece.length / (unspaced.test(piece) ? unspacedWordLengthMax : wordLengthMax),
      );
    }
  }
  return count;
}

/** @returns What the text takes, about. */
export function tokensAbout(text: string): number {
  const { length } = new TextEncoder().encode(text);
  return Math.max(tokensAtLeast(text), Math.ceil(length / bytesPerToken));
}
