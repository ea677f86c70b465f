/**
 * The editor: CodeMirror in a shadow root. There it brings its styles as sheets, which the page's content security policy
 * lets in; style elements, as it would make in the page itself, are kept out.
 */
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { sql } from "@codemirror/lang-sql";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { clickHouse, functions } from "./clickhouse_dialect.js";
import { completionSource } from "./complete.js";
import { editorLook } from "./editor_look.js";
import { mistakeMark, showMistake } from "./mistake_mark.js";

/**
 * @import { AnalystTable } from "../../../events/contract/api.ts"
 * @import { Place } from "./query_api.js"
 */

/**
 * @param {object} props
 * @param {{ sql: string }} props.opened The query that was put into it; another object takes the place of what was typed.
 * @param {readonly AnalystTable[]} props.tables What is offered.
 * @param {Place | null} props.mistake
 * @param {(text: string) => void} props.onChange
 * @param {() => void} props.onRun
 */
export function SqlEditor({ opened, tables, mistake, onChange, onRun }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const view = useRef(/** @type {EditorView | null} */ (null));
  const offers = useRef(new Compartment());
  const latest = useRef({ onChange, onRun });
  latest.current = { onChange, onRun };

  useEffect(() => {
    if (element.current === null) return;
    const root = element.current.shadowRoot ?? element.current.attachShadow({ mode: "open" });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: opened.sql,
        extensions: [
          extensions(() => latest.current),
          offers.current.of(offering(tables)),
        ],
      }),
    });
    view.current = made;
    made.focus();
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const { current } = view;
    if (current === null || current.state.doc.toString() === opened.sql) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: opened.sql } });
    current.focus();
  }, [opened]);
  useEffect(() => {
    view.current?.dispatch({ effects: offers.current.reconfigure(offering(tables)) });
  }, [tables]);
  useEffect(() => {
    if (view.current !== null) showMistake(view.current, mistake);
  }, [mistake]);

  return html`<div ref=${element} class="sql-editor"></div>`;
}

/** @param {() => { onChange: (text: string) => void, onRun: () => void }} latest */
function extensions(latest) {
  const run = () => {
    latest().onRun();
    return true;
  };
  return [
    // Before all others, of which one would break the line.
    keymap.of([{ key: "Mod-Enter", run }]),
    lineNumbers(),
    history(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false }),
    placeholder("SELECT …"),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": "SQL", "aria-describedby": "sql-failure" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) latest().onChange(update.state.doc.toString());
    }),
    // Escape, then Tab, leaves the editor.
    keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
    mistakeMark,
    editorLook,
  ];
}

/** @param {readonly AnalystTable[]} tables */
function offering(tables) {
  const language = sql({ dialect: clickHouse, upperCaseKeywords: true });
  const source = completionSource(tables, functions);
  return [language, clickHouse.language.data.of({ autocomplete: source })];
}
