/** The text of an answer as markdown, growing without being drawn anew. */
import { html } from "htm/preact";
import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { MarkdownView } from "./markdown/markdown_view.js";

/** @import { Turn } from "../state/turn.js" */

/** @param {{ turn: Turn }} props */
export function AnswerText({ turn }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (element.current === null) return;
    const view = new MarkdownView(element.current);
    return effect(() => view.update(turn.answer.value, turn.isEnded));
  }, [turn]);
  return html`<div class="markdown" ref=${element}></div>`;
}
