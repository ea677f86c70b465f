/** Shows a growing answer: settled blocks stay as they are, only the last block is drawn again. */
import { createCodeBlock } from "./code_block.js";
import { renderMarkdown } from "./render_markdown.js";
import { markSeams, seamMark } from "./seam.js";
import { BlockSplitter } from "./split_blocks.js";

/** @import { Block } from "./split_blocks.js" */

/** A fence of three or more marks at the start, its language, and the code up to the closing fence or the end. */
const fence = /^(?<marks>`{3,}|~{3,})[ \t]*(?<language>[^\s`]*)[^\n]*(?:\n(?<code>[\s\S]*))?$/;

export class MarkdownView {
  #element;
  #splitter = new BlockSplitter();
  #definitions = "";
  /** @type {ShownBlock[]} */
  #shown = [];

  /** @param {HTMLElement} element Where the answer is shown; nobody else may change what is in it. */
  constructor(element) {
    this.#element = element;
  }

  /**
   * @param {{ text: string, seams: number[] }} answer
   * @param {boolean} isComplete Whether nothing will follow.
   */
  update({ text, seams }, isComplete) {
    const blocks = this.#splitter.split(markSeams(text, seams), isComplete);
    if (this.#definitions !== this.#splitter.definitions) {
      this.#definitions = this.#splitter.definitions;
      this.#showFrom(0, []);
    }
    const same = this.#shown.findIndex((shown, index) => !isSame(shown.block, blocks[index]));
    this.#showFrom(same === -1 ? this.#shown.length : same, blocks);
  }

  /**
   * @param {number} from The first block that differs from what is shown.
   * @param {Block[]} blocks
   */
  #showFrom(from, blocks) {
    const [growing, ...gone] = this.#shown.splice(from);
    for (const shown of gone) shown.remove();
    blocks.slice(from).forEach((block, index) => {
      const isKept = index === 0 && growing !== undefined && growing.update(block);
      if (index === 0 && !isKept) growing?.remove();
      this.#shown.push(isKept ? growing : new ShownBlock(block, this.#definitions, this.#element));
    });
    if (blocks.length <= from) growing?.remove();
  }
}

class ShownBlock {
  /** @type {Node[]} */
  #nodes = [];
  /** @type {ReturnType<typeof createCodeBlock> | null} */
  #code = null;
  #language = "";

  /**
   * @param {Block} block
   * @param {string} definitions
   * @param {HTMLElement} parent Where it is added at the end.
   */
  constructor(block, definitions, parent) {
    this.block = block;
    const code = codeOf(block);
    if (code === null) {
      const fragment = renderMarkdown(block.source, definitions);
      this.#nodes = [...fragment.childNodes];
      parent.append(fragment);
    } else {
      this.#code = createCodeBlock(code.language);
      this.#language = code.language;
      this.#code.update(code.text, block.isSettled);
      this.#nodes = [this.#code.element];
      parent.append(this.#code.element);
    }
  }

  /**
   * @param {Block} block What has become of the block.
   * @returns {boolean} Whether it could be shown in the same elements.
   */
  update(block) {
    const code = codeOf(block);
    if (this.#code !== null && code?.language === this.#language) {
      this.#code.update(code.text, block.isSettled);
    } else if (block.source !== this.block.source) return false;
    this.block = block;
    return true;
  }

  remove() {
    for (const node of this.#nodes) node.parentNode?.removeChild(node);
  }
}

/**
 * @param {Block} a
 * @param {Block | undefined} b
 */
function isSame(a, b) {
  return b !== undefined && a.source === b.source && a.isSettled === b.isSettled;
}

/** @param {Block} block */
function codeOf({ source }) {
  const found = fence.exec(source.replaceAll(seamMark, "").trimEnd())?.groups;
  if (found === undefined) return null;
  const closing = new RegExp(`(^|\\n) {0,3}${found.marks[0]}{${found.marks.length},}[ \\t]*$`);
  return { language: found.language, text: (found.code ?? "").replace(closing, "") };
}
