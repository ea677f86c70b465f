/** Marks the places of an answer at which another attempt went on writing, without disturbing its markdown. */

/** A private character, which stands for a seam while markdown is made into elements. */
export const seamMark = "\uE0F1";

/**
 * @param {string} text
 * @param {number[]} seams Lengths of the text.
 * @returns {string} The text with a mark for each seam. A mark goes back to behind the last letter or digit before
 *   its seam, because in front of a list's dash or behind a fence it would make other markdown.
 */
export function markSeams(text, seams) {
  return [...seams].sort((a, b) => b - a).reduce((marked, seam) => {
    const place = text.slice(0, seam).search(/[\p{L}\p{N}][^\p{L}\p{N}]*$/u);
    const at = place === -1 ? 0 : place + 1;
    return at === 0 ? marked : marked.slice(0, at) + seamMark + marked.slice(at);
  }, text);
}

/**
 * Puts a thin line in the place of each mark.
 *
 * @param {DocumentFragment} fragment
 */
export function showSeams(fragment) {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const marked = [];
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    if (node.data.includes(seamMark)) marked.push(node);
  }
  for (const node of marked) {
    const parts = node.data.split(seamMark);
    node.replaceWith(...parts.flatMap((part, index) => index === 0 ? [part] : [seam(), part]));
  }
}

function seam() {
  const element = document.createElement("span");
  element.className = "seam";
  element.title = "Here another attempt went on";
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", "Here another attempt went on");
  return element;
}
