/** How the editor looks: the app's own colours, for light and dark. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "500" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.standard(tags.name), tags.typeName], color: "var(--code-title)" },
  { tag: tags.comment, color: "var(--code-comment)" },
]);

const parts = EditorView.theme({
  "&": { color: "var(--text)", fontSize: "14px", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-code)", lineHeight: "22px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  ".cm-gutters": {
    border: "none",
    background: "transparent",
    color: "var(--text-muted)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { background: "transparent" },
  "&.cm-focused .cm-activeLine": {
    background: "color-mix(in srgb, var(--text) 4%, transparent)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { background: "color-mix(in srgb, var(--accent) 24%, transparent)" },
  ".cm-matchingBracket": {
    background: "var(--accent-soft)",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-placeholder": { color: "var(--text-muted)" },
  ".cm-mistake": {
    background: "var(--danger-soft)",
    textDecoration: "underline wavy var(--danger) 1px",
    textUnderlineOffset: "4px",
  },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "8px",
    background: "var(--surface-raised)",
    color: "var(--text)",
    boxShadow: "var(--shadow)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-code)",
    maxHeight: "260px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.75" },
  ".cm-completionInfo": {
    maxWidth: "280px",
    padding: "8px 12px",
    fontFamily: "var(--font)",
    fontSize: "13px",
  },
});

export const editorLook = [parts, syntaxHighlighting(colors)];
