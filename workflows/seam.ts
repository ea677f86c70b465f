/**
 * Joins the continuation of an answer to the part before it, where a model was told in words to go on. Models then repeat
 * what they had said last, begin with an ellipsis, open a code block again, or leave out the space between two words: the
 * first words are held back until it is clear what of them is new.
 */

/** The longest end of an answer that a model is asked to repeat, in UTF-16 code units: a few words. */
const anchorLengthMax = 60;
/** An overlap of so many characters, without white space, is no coincidence wherever it begins. */
const overlapLengthSure = 24;
/** With white space before it, a model is not repeating a word but going on: less than this is then no repetition. */
const overlapLengthAfterSpace = 8;

export class Seam {
  /** The last words before the seam: what the model is asked to begin with, so that the seam can be found. */
  readonly anchor: string;
  readonly #before: string;
  /** The same without white space, which models change when they repeat. */
  readonly #squeezed: string;
  readonly #isInCode: boolean;
  #held = "";
  #isOpen = true;

  /** @param before The answer so far. */
  constructor(before: string) {
    this.anchor = anchorOf(before);
    this.#before = before;
    this.#squeezed = squeeze(before);
    this.#isInCode = endsInCode(before);
  }

  /** Takes what the model has written next. @returns What of it follows the answer so far; empty while that is unclear. */
  add(text: string): string {
    if (!this.#isOpen) return text;
    this.#held += text;
    return this.#isUnclear() ? "" : this.#join();
  }

  /** @returns What is held back still, where the model writes no more. */
  end(): string {
    return this.#isOpen ? this.#join() : "";
  }

  #isUnclear(): boolean {
    const heads = this.#readings();
    // Whatever it begins with stands somewhere in the answer: it may be going to repeat all from there.
    if (heads.some((head) => head.trim() === "" || this.#squeezed.includes(squeeze(head)))) {
      return true;
    }
    if ((this.#isInCode ? /^\s*`{1,3}[\w+#.-]*$/ : /^\s*\.{1,3}$/).test(this.#held)) return true;
    // Whether two letters make one word can be told when the word is whole.
    return needsWord(this.#before, heads.at(-1)!) && /^\p{L}+$/u.test(heads.at(-1)!);
  }

  #join(): string {
    this.#isOpen = false;
    const heads = this.#readings();
    for (const head of heads) {
      const length = this.#overlapOf(head);
      if (length > 0) return withoutSharedSpace(this.#before, skip(head, length));
    }
    const head = heads.at(-1)!;
    // In code a further space indents, and a further line break makes a paragraph.
    const rest = !this.#isInCode && /[ \t]$/.test(this.#before)
      ? head.replace(/^[ \t]+/, "")
      : head;
    return this.#isSpaceMissing(rest) ? ` ${rest}` : rest;
  }

  /** What is held back as it is, and without what a model puts before its continuation. */
  #readings(): string[] {
    const preamble = this.#isInCode
      // A language after the fence opens a code block; without one it closes the block that is open.
      ? /^\s*(?:```[\w+#.-]+[ \t]*\n|…)/
      : /^\s*(?:…|\.{2,})/;
    const found = preamble.exec(this.#held);
    return found ? [this.#held, this.#held.slice(found[0].length)] : [this.#held];
  }

  /** @returns How many characters, without white space, `head` repeats of the end of the answer. */
  #overlapOf(head: string): number {
    const squeezed = squeeze(head);
    for (let length = Math.min(squeezed.length, this.#squeezed.length); length > 0; length--) {
      if (!this.#squeezed.endsWith(squeezed.slice(0, length))) continue;
      if (this.#isRepetition(head, squeezed.slice(0, length))) return length;
    }
    return 0;
  }

  #isRepetition(head: string, overlap: string): boolean {
    const { length } = overlap;
    if (length >= overlapLengthSure || length === this.#squeezed.length) return true;
    const anchorLength = squeeze(this.anchor).length;
    if (length >= anchorLength && anchorLength > 3) return true;
    if (!/\p{L}/u.test(overlap) || !this.#isWordStart(length)) return false;
    if (head === this.#held && /^\s/.test(head)) return length >= overlapLengthAfterSpace;
    const rest = skip(head, length);
    if (!/^[\p{L}\p{N}]/u.test(rest)) return true;
    // "bro" and "brown" are one word; "a" and "and" are two as a rule, and so are "on" and " one".
    const repeated = head.slice(0, head.length - rest.length);
    return length > 1 && !/\s$/.test(this.#before) &&
      (!/^\s/.test(head) || /\S\s+\S/.test(repeated));
  }

  /** Whether a word begins so many characters, without white space, before the end of the answer. */
  #isWordStart(length: number): boolean {
    let index = this.#before.length;
    for (let left = length; left > 0; left--) {
      do index--; while (/\s/.test(this.#before[index]));
    }
    return index === 0 || !/[\p{L}\p{N}]/u.test(this.#before[index - 1]);
  }

  #isSpaceMissing(rest: string): boolean {
    if (this.#isInCode) return false;
    const [first = ""] = rest;
    if (needsWord(this.#before, rest)) return !this.#isOneWord(rest);
    return /[.!?]$/.test(this.#before) && /\p{Lu}/u.test(first) ||
      /[,;:)]$/.test(this.#before) && /\p{L}/u.test(first) && !isWithoutSpaces(first);
  }

  /** Whether the answer has the last letters before the seam and the first ones after it as one word. */
  #isOneWord(rest: string): boolean {
    const word = /\p{L}+$/u.exec(this.#before)![0] + /^\p{L}+/u.exec(rest)![0];
    return this.#before.match(/\p{L}+/gu)!.includes(word);
  }
}

function anchorOf(before: string): string {
  const end = before.trimEnd().slice(-anchorLengthMax);
  if (end.length < anchorLengthMax) return end.trimStart();
  return /\s(\S.*)$/s.exec(end)?.[1] ?? end;
}

/** Whether the seam lies between two letters, so that there may be a space missing. */
function needsWord(before: string, rest: string): boolean {
  const last = before.at(-1) ?? "";
  const [first = ""] = rest;
  return /\p{L}/u.test(last) && /\p{L}/u.test(first) &&
    !isWithoutSpaces(last) && !isWithoutSpaces(first);
}

/** Scripts that put no space between words. */
function isWithoutSpaces(letter: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
    .test(letter);
}

function endsInCode(text: string): boolean {
  const fences = text.match(/^\s*```/gm)?.length ?? 0;
  if (fences % 2 === 1) return true;
  const backticks = text.slice(text.lastIndexOf("\n") + 1).match(/`/g)?.length ?? 0;
  return backticks % 2 === 1;
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

/** @returns The text after so many characters that are no white space. */
function skip(text: string, length: number): string {
  let index = 0;
  for (let left = length; left > 0; index++) {
    if (!/\s/.test(text[index])) left--;
  }
  return text.slice(index);
}

/** @returns The text without the white space at its beginning with which the answer before it ends already. */
function withoutSharedSpace(before: string, text: string): string {
  const trailing = /\s*$/.exec(before)![0];
  for (let length = trailing.length; length > 0; length--) {
    const space = trailing.slice(-length);
    if (text.startsWith(space)) return text.slice(length);
  }
  return text;
}
