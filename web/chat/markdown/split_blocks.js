/** Splits a growing answer into its top-level blocks, so that only the last one has to be drawn again. */
import { Lexer } from "marked";

/**
 * One top-level block of markdown. `isSettled` means that no further text can change it.
 *
 * @typedef {{ source: string, isSettled: boolean }} Block
 */

/** Remembers what it has split, and splits only what is new. */
export class BlockSplitter {
  /** @type {string[]} */
  #settled = [];
  /** The text that the settled blocks were split from. */
  #settledText = "";
  #definitions = "";

  /**
   * Link definitions (`[name]: address`) of the settled text: they belong to every block.
   *
   * @returns {string}
   */
  get definitions() {
    return this.#definitions;
  }

  /**
   * @param {string} text The whole answer so far; mostly the last one with more at its end.
   * @param {boolean} isComplete Whether nothing will follow.
   * @returns {Block[]} All blocks in order; together they are the text.
   */
  split(text, isComplete) {
    const source = text.replace(/\r\n?/g, "\n");
    if (!source.startsWith(this.#settledText)) this.#forget();
    const tail = this.#split(source.slice(this.#settledText.length), isComplete);
    const settled = this.#settled.map((source) => ({ source, isSettled: true }));
    return tail === "" ? settled : [...settled, { source: tail, isSettled: false }];
  }

  /**
   * Settles all blocks but the last one, which may still grow: a paragraph by a line, a list by an item.
   *
   * @param {string} source
   * @param {boolean} isComplete
   * @returns {string} What is not settled.
   */
  #split(source, isComplete) {
    const tokens = Lexer.lex(source);
    const last = isComplete ? tokens.length : tokens.findLastIndex(({ type }) => type !== "space");
    let length = 0;
    for (const { type, raw } of tokens.slice(0, last)) {
      length += raw.length;
      if (type === "space") continue;
      if (type === "def") this.#definitions += `${raw}\n`;
      else this.#settled.push(raw);
    }
    this.#settledText += source.slice(0, length);
    return source.slice(length);
  }

  #forget() {
    this.#settled = [];
    this.#settledText = "";
    this.#definitions = "";
  }
}
