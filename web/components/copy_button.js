/** A button that copies, and says for a moment that it has. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { announce } from "../state/announcements.js";
import { copyText } from "./copy_text.js";
import { Icon } from "./icon.js";

export const copiedMs = 1500;

/** @param {{ label: string, text: () => string, buttonClass?: string, children?: unknown }} props */
export function CopyButton({ label, text, buttonClass = "icon-button", children }) {
  const [isCopied, setCopied] = useState(false);
  async function copy() {
    const copied = await copyText(text());
    announce(copied ? "Copied." : "Could not copy.");
    if (!copied) return;
    setCopied(true);
    setTimeout(() => setCopied(false), copiedMs);
  }
  return html`
    <button type="button" class=${buttonClass} aria-label=${label} title=${label}
      onClick=${copy}>
      <${Icon} name=${isCopied ? "check" : "copy"} />
      ${children}
    </button>
  `;
}
