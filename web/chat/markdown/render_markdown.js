/**
 * Makes markdown into elements that are safe to show: a model's answer is foreign text. Raw HTML in it is shown as
 * text, apart from a few harmless tags; what is made goes through DOMPurify; images are not loaded.
 */
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { createCodeBlock } from "./code_block.js";
import { seamMark, showSeams } from "./seam.js";

/** Tags without attributes that models write where markdown has nothing of its own. */
const harmlessTag = /^<\/?(br|sub|sup|kbd|mark|u|s)\s*\/?>$/i;

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => harmlessTag.test(text.trim()) ? text : escape(text),
  },
});

const sanitizing = {
  ALLOWED_TAGS: (
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img input kbd li mark ol p pre s strong sub sup table tbody " +
    "td th thead tr u ul"
  ).split(" "),
  ALLOWED_ATTR: [
    "href",
    "src",
    "alt",
    "title",
    "align",
    "start",
    "class",
    "type",
    "checked",
    "disabled",
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};

/**
 * @param {string} source One or several blocks of markdown, seams marked.
 * @param {string} definitions Link definitions from elsewhere in the text.
 * @returns {DocumentFragment}
 */
export function renderMarkdown(source, definitions) {
  const made = /** @type {string} */ (marked.parse(`${source}\n\n${definitions}`));
  const fragment = DOMPurify.sanitize(made, sanitizing);
  for (const code of fragment.querySelectorAll("pre > code")) replaceCode(code);
  for (const link of fragment.querySelectorAll("a")) secureLink(link);
  for (const image of fragment.querySelectorAll("img")) replaceImage(image);
  for (const table of fragment.querySelectorAll("table")) wrapTable(table);
  for (const input of fragment.querySelectorAll("input")) secureCheckbox(input);
  showSeams(fragment);
  return fragment;
}

/** @param {Element} code */
function replaceCode(code) {
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? "";
  const block = createCodeBlock(language);
  block.update(code.textContent.replaceAll(seamMark, "").replace(/\n$/, ""), true);
  code.parentElement?.replaceWith(block.element);
}

/** @param {HTMLAnchorElement} link */
function secureLink(link) {
  link.href = link.href.replaceAll(encodeURIComponent(seamMark), "");
  // An answer must not lead anywhere inside of the app, nor to anything but the web and mail.
  const isForeign = ["http:", "https:", "mailto:"].includes(link.protocol) &&
    link.origin !== location.origin;
  if (!isForeign) return link.replaceWith(...link.childNodes);
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
}

/**
 * Loading an image would tell its server who reads the answer, so a link stands in its place.
 *
 * @param {HTMLImageElement} image
 */
function replaceImage(image) {
  const link = document.createElement("a");
  link.href = image.getAttribute("src") ?? "";
  link.className = "image-link";
  link.textContent = `Image: ${image.alt || link.hostname || "without a title"}`;
  image.replaceWith(link);
  secureLink(link);
}

/** @param {HTMLTableElement} table */
function wrapTable(table) {
  const frame = document.createElement("div");
  frame.className = "table-scroll";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Table");
  table.replaceWith(frame);
  frame.append(table);
}

/** @param {HTMLInputElement} input */
function secureCheckbox(input) {
  if (input.type !== "checkbox") return input.remove();
  input.disabled = true;
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
