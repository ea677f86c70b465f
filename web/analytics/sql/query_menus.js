/** The menus beside the editor: examples and saved queries, and what was run before. */
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "../../components/icon.js";
import { Menu } from "../../components/menu.js";
import { Popover } from "../../components/popover.js";
import { shorten } from "../../format.js";
import { announce } from "../../state/announcements.js";
import { exampleQueries } from "./example_queries.js";
import { forgetQuery, history, saved, savedMax, saveQuery } from "./kept_queries.js";

/** @param {{ onOpen: (sql: string) => void }} props */
export function QueriesMenu({ onOpen }) {
  const items = () => [...saved.value.map(item("mine")), ...exampleQueries.map(item("example"))];
  /** @param {string} kind */
  function item(kind) {
    return (
      /** @type {import("./kept_queries.js").SavedQuery} */ { name, sql },
      /** @type {number} */ index,
    ) => ({
      key: `${kind} ${name}`,
      label: name,
      content: name,
      heading: index > 0 ? undefined : kind === "mine" ? "Saved in this browser" : "Examples",
      choose: () => onOpen(sql),
    });
  }
  return html`
    <${Menu} label="Queries" buttonClass="button" menuClass="wide" items=${items}>
      <${Icon} name="bookmark" /> Queries
    </${Menu}>
  `;
}

/** @param {{ onOpen: (sql: string) => void }} props */
export function HistoryMenu({ onOpen }) {
  if (history.value.length === 0) return null;
  return html`
    <${Menu}
      label="History"
      buttonClass="button"
      menuClass="wide"
      items=${() =>
        history.value.map((sql, index) => ({
          key: String(index),
          label: sql,
          content: html`<code class="sql-line">${shorten(sql.replaceAll(/\s+/g, " "), 80)}</code>`,
          heading: index === 0 ? "Run in this browser" : undefined,
          choose: () => onOpen(sql),
        }))}
    >
      <${Icon} name="history" /> History
    </${Menu}>
  `;
}

/** @param {{ sql: string }} props */
export function SaveButton({ sql }) {
  return html`
    <${Popover}
      label="Save the query"
      buttonClass="button"
      content=${(/** @type {() => void} */ close) =>
        html`<${SaveForm} sql=${sql} close=${close} />`}
    >Save</${Popover}>
  `;
}

/** @param {{ sql: string, close: () => void }} props */
function SaveForm({ sql, close }) {
  const [problem, setProblem] = useState("");
  const same = saved.value.find((query) => query.sql === sql);
  /** @param {SubmitEvent & { currentTarget: HTMLFormElement }} event */
  function onSubmit(event) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (!saveQuery({ name, sql })) {
      return setProblem(`${savedMax} queries are saved, which is the most. Remove one first.`);
    }
    announce("Saved.");
    close();
  }
  return html`
    <form class="range-form" onSubmit=${onSubmit}>
      <p class="muted">Kept in this browser alone. The same name takes the place of the query before.</p>
      <label class="range-field">
        Name <input class="field" name="name" required maxlength="80" value=${same?.name ?? ""} />
      </label>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <div class="sql-save-actions">
        <button type="submit" class="button primary">Save</button>
        ${same !== undefined && html`
          <button
            type="button"
            class="button"
            onClick=${() => {
              forgetQuery(same.name);
              announce("Removed.");
              close();
            }}
          >Remove</button>
        `}
      </div>
    </form>
  `;
}
