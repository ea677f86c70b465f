/** A block of code: its language, a button that copies it, and the code, highlighted while it grows. */
import { copiedMs } from "../../components/copy_button.js";
import { copyText } from "../../components/copy_text.js";
import { announce } from "../../state/announcements.js";

/** The part of the time that highlighting may take while code grows: an eighth. */
const highlightShare = 8;
/** Longer code stays plain: highlighting it would hold up the page. In UTF-16 code units. */
const highlightedLengthMax = 100_000;

/** @typedef {typeof import("@highlightjs/cdn-assets/es/highlight.min.js").default} Highlighter */

/** @type {Highlighter | null} */
let highlighter = null;
/** @type {Promise<void> | null} Highlighting is fetched with the first code that is shown. */
let fetching = null;

/**
 * @param {string} language As it stands behind the fence; empty where nothing does.
 * @returns {{ element: HTMLElement, update(text: string, isSettled: boolean): void }}
 */
export function createCodeBlock(language) {
  const element = document.createElement("figure");
  element.className = "code-block";
  const code = document.createElement("code");
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", language === "" ? "Code" : `Code: ${language}`);
  pre.append(code);
  element.append(createCaption(language, () => text), pre);

  let text = "";
  /** What follows the highlighted part while code grows. */
  const rest = document.createTextNode("");
  let highlightedLength = 0;
  let nextHighlightAt = 0;
  return { element, update };

  /**
   * @param {string} next
   * @param {boolean} isSettled Whether the code will not grow any more.
   */
  function update(next, isSettled) {
    const grows = next.startsWith(text);
    text = next;
    if (mayHighlight() && (isSettled || performance.now() >= nextHighlightAt)) return highlight();
    if (!grows) highlightedLength = 0;
    if (highlightedLength === 0) code.textContent = text;
    else {
      rest.data = text.slice(highlightedLength);
      code.append(rest);
    }
    if (highlighter === null && language !== "") {
      fetchHighlighter().then(() => update(text, isSettled), () => {});
    }
  }

  function mayHighlight() {
    return text.length <= highlightedLengthMax && !!highlighter?.getLanguage(language);
  }

  function highlight() {
    const from = performance.now();
    // The highlighter escapes the code; all that it adds are spans with class names.
    code.innerHTML = /** @type {Highlighter} */ (highlighter).highlight(text, {
      language,
      ignoreIllegals: true,
    }).value;
    highlightedLength = text.length;
    const now = performance.now();
    nextHighlightAt = now + (now - from) * highlightShare;
  }
}

/**
 * @param {string} language
 * @param {() => string} text
 */
function createCaption(language, text) {
  const caption = document.createElement("figcaption");
  const name = document.createElement("span");
  name.textContent = language;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-code";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy code");
  button.addEventListener("click", async () => {
    const copied = await copyText(text());
    button.textContent = copied ? "Copied" : "Could not copy";
    announce(copied ? "Copied." : "Could not copy.");
    setTimeout(() => button.textContent = "Copy", copiedMs);
  });
  caption.append(name, button);
  return caption;
}

function fetchHighlighter() {
  fetching ??= import("@highlightjs/cdn-assets/es/highlight.min.js").then((module) => {
    highlighter = module.default;
  });
  return fetching;
}
