/** The SQL page: an editor, what can be read beside it, and the result beneath. */
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { messageOf } from "../../api.js";
import { Icon } from "../../components/icon.js";
import { Popover } from "../../components/popover.js";
import { useNow } from "../../components/use_now.js";
import { formatDuration } from "../../format.js";
import { isPhone } from "../../frame/is_phone.js";
import { access } from "../../operations/access.js";
import { SignInForm } from "../../operations/sign_in_form.js";
import { analyticsAddress } from "../../route.js";
import { navigate } from "../../router.js";
import { exampleQueries } from "./example_queries.js";
import { draft, keepDraft } from "./kept_queries.js";
import { listTables, QueryError } from "./query_api.js";
import { HistoryMenu, QueriesMenu, SaveButton } from "./query_menus.js";
import { ResultView } from "./result_view.js";
import { SchemaPanel } from "./schema_panel.js";
import { SqlEditor } from "./sql_editor.js";
import { cancel, failure, result, run, running } from "./sql_run.js";

/**
 * @import { AnalystTable } from "../../../events/contract/api.ts"
 * @import { AnalyticsRoute } from "../../route.js"
 */

/** A longer query is not put into the address, which servers and chat programs would cut. */
const addressLengthMax = 4000;

const tables = signal(/** @type {AnalystTable[]} */ ([]));
const tablesError = signal(/** @type {string | null} */ (null));
const needsSignIn = signal(false);

async function loadTables() {
  try {
    tables.value = await listTables();
    tablesError.value = null;
    needsSignIn.value = false;
  } catch (error) {
    needsSignIn.value = error instanceof QueryError && error.needsSignIn;
    tablesError.value = messageOf(error);
  }
}

/** @param {{ route: AnalyticsRoute }} props */
export function SqlPage({ route }) {
  const named = route.search.get("query");
  const [opened, setOpened] = useState(() => ({
    sql: named ?? (draft() || exampleQueries[0].sql),
  }));
  const [text, setText] = useState(opened.sql);
  useEffect(() => {
    loadTables();
  }, [access.value]);
  // Back and Forward lead from one query that was run to the next.
  useEffect(() => {
    if (named !== null && named !== text) open(named);
  }, [named]);

  /** @param {string} sql */
  function open(sql) {
    setOpened({ sql });
    change(sql);
  }

  /** @param {string} sql */
  function change(sql) {
    setText(sql);
    keepDraft(sql);
    if (failure.value?.place) failure.value = null;
  }
  function start() {
    if (text.trim() === "" || running.value !== null) return;
    const search = new URLSearchParams(text.length > addressLengthMax ? {} : { query: text });
    navigate(analyticsAddress("sql", null, search));
    run(text);
  }

  if (needsSignIn.value || failure.value?.needsSignIn) {
    return html`
      <div class="analytics-scroll">
        <${SignInForm} />
      </div>
    `;
  }
  const schema = html`
    <${SchemaPanel} tables=${tables.value} error=${tablesError.value} onOpen=${open} />
  `;
  return html`
    <div class="sql-page">
      <div class="sql-main">
        <${SqlEditor}
          opened=${opened}
          tables=${tables.value}
          mistake=${failure.value?.place ?? null}
          onChange=${change}
          onRun=${start}
        />
        <${Failure} />
        <div class="sql-actions">
          <${RunButton} onRun=${start} />
          <${QueriesMenu} onOpen=${open} />
          <${HistoryMenu} onOpen=${open} />
          <${SaveButton} sql=${text} />
          ${isPhone.value && html`
            <${Popover} label="Tables" buttonClass="button" content=${() => schema}>
              <${Icon} name="database" /> Tables
            </${Popover}>
          `}
        </div>
        ${result.value === null
          ? html`
            <p class="muted sql-empty">
              The result will stand here. A query may read every table and view, for 30 s, and
              change nothing; its place in the address can be sent to others.
            </p>
          `
          : html`
            <${ResultView} result=${result.value} isOfAnother=${result.value.sql !== text} />
          `}
      </div>
      ${!isPhone.value && html`<aside class="sql-schema" aria-label="Tables">${schema}</aside>`}
    </div>
  `;
}

function Failure() {
  if (failure.value === null) return null;
  const { message, place, isCancelled } = failure.value;
  return html`
    <p
      id="sql-failure"
      class=${isCancelled ? "muted" : "problem sql-failure"}
      role=${isCancelled ? "status" : "alert"}
    >
      ${place !== null && html`<strong>Line ${place.line}, column ${place.column}</strong>`}
      <span>${message}</span>
    </p>
  `;
}

/** @param {{ onRun: () => void }} props */
function RunButton({ onRun }) {
  if (running.value === null) {
    return html`
      <button type="button" class="button primary" title="Run (Ctrl+Enter)" onClick=${onRun}>
        <${Icon} name="play" /> Run
      </button>
    `;
  }
  return html`
    <button type="button" class="button" onClick=${cancel}>
      <${Icon} name="square" /> Cancel <${Elapsed} ...${running.value} />
    </button>
  `;
}

/** @param {{ words: string, sinceMs: number }} props */
function Elapsed({ words, sinceMs }) {
  const now = useNow(true);
  return html`
    <span class="muted" title=${words}>${formatDuration(Math.max(0, now - sinceMs))}</span>
  `;
}
