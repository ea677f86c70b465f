/** What can be read: tables and views, each with its columns and what they hold. A click puts a name into the query. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { readingOf } from "./complete.js";

/** @import { AnalystTable } from "../../../events/contract/api.ts" */

/**
 * @param {object} props
 * @param {readonly AnalystTable[]} props.tables
 * @param {string | null} props.error
 * @param {(sql: string) => void} props.onOpen Takes a query that reads a table.
 */
export function SchemaPanel({ tables, error, onOpen }) {
  const [search, setSearch] = useState("");
  const shown = tables.filter((table) => isFound(table, search.trim().toLowerCase()));
  return html`
    <div class="schema">
      <input
        type="search"
        class="field schema-search"
        placeholder="Find a table or a column"
        aria-label="Find a table or a column"
        value=${search}
        onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
          setSearch(event.currentTarget.value)}
      />
      ${error !== null && html`<p class="problem" role="alert">${error}</p>`}
      ${groups.map(({ kind, title }) => {
        const ofKind = shown.filter((table) => table.kind === kind);
        return ofKind.length > 0 && html`
          <h3 key=${kind} class="schema-kind">${title}</h3>
          ${ofKind.map((table) =>
            html`<${TableEntry} key=${table.name} table=${table} onOpen=${onOpen} />`
          )}
        `;
      })}
      ${shown.length === 0 && tables.length > 0 &&
        html`<p class="muted">Nothing has that name.</p>`}
    </div>
  `;
}

const groups = /** @type {const} */ ([
  { kind: "table", title: "Tables" },
  { kind: "view", title: "Views" },
]);

/** @param {{ table: AnalystTable, onOpen: (sql: string) => void }} props */
function TableEntry({ table, onOpen }) {
  const { name, description, columns, parameters } = table;
  return html`
    <details class="schema-table">
      <summary><code>${name}</code></summary>
      ${description && html`<p class="schema-note">${description}</p>`}
      <button type="button" class="link-button" onClick=${() => onOpen(queryOf(table))}>
        Read its rows
      </button>
      <dl>
        ${[
          ...parameters.map((parameter) => ({ ...parameter, description: "a parameter" })),
          ...columns,
        ]
          .map((column) =>
            html`
              <dt key=${column.name}>
                <code>${column.name}</code> <span class="schema-type">${column.type}</span>
              </dt>
              ${column.description && html`<dd>${column.description}</dd>`}
            `
          )}
      </dl>
    </details>
  `;
}

/** @param {AnalystTable} table */
function queryOf(table) {
  const final = table.kind === "table" ? " FINAL" : "";
  return `SELECT *\nFROM ${readingOf(table)}${final}\nLIMIT 100`;
}

/**
 * @param {AnalystTable} table
 * @param {string} search In lower case.
 */
function isFound({ name, columns }, search) {
  return [name, ...columns.map((column) => column.name)].some((each) => each.includes(search));
}
