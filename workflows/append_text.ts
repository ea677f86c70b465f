/** Adds to a text that comes in thousands of pieces. */

/** After so much more text, in UTF-16 code units, it is made one piece. */
const flatLength = 2048;

/**
 * V8 keeps what is joined as a tree of its pieces, which for an answer of thousands of tokens takes eight times its text in
 * memory, and as much more of the garbage collector's time.
 */
export function appendText(text: string, piece: string): string {
  const whole = text + piece;
  const isDue = Math.floor(whole.length / flatLength) > Math.floor(text.length / flatLength);
  return isDue ? flat(whole) : whole;
}

/** Whoever looks at a character of a tree makes it flat; and what he sees must matter, or the compiler does not look. */
function flat(text: string): string {
  return Number.isNaN(text.charCodeAt(0)) ? "" : text;
}
