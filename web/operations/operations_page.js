/** The operators' page: live, waiting and failed turns of everyone and the servers of models, and what can be done about them. */
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { useNow } from "../components/use_now.js";
import { Drawer } from "../frame/drawer.js";
import { isPhone } from "../frame/is_phone.js";
import { operationsAddress } from "../route.js";
import { navigate } from "../router.js";
import { access, accessError, loadAccess, signOut } from "./access.js";
import { RetryAllButton, RetryState } from "./retry_all.js";
import { Servers } from "./servers.js";
import { SignInForm } from "./sign_in_form.js";
import { countOf, filterSearch, isNarrowed, parseFilter } from "./turn_filter.js";
import { TurnFilterBar } from "./turn_filter_bar.js";
import {
  counts,
  isFirstPage,
  keyOfFilter,
  listError,
  loadMoreTurns,
  loadTurns,
  shownTurns,
} from "./turn_list.js";
import { TurnRow } from "./turn_row.js";

/**
 * @import { OperationsRoute } from "../route.js"
 * @import { TurnFilter } from "./turn_filter.js"
 */

const refreshMs = 3000;

/** @param {{ route: OperationsRoute }} props */
export function OperationsPage({ route }) {
  useEffect(() => {
    loadAccess();
  }, []);
  return html`
    <main class="place">
      <header class="place-head">
        ${isPhone.value && html`<${Drawer} />`}
        <h1 class="place-title">Operations</h1>
        ${access.value === "signed-in" && html`
          <button type="button" class="link-button" onClick=${signOut}>Sign out</button>
        `}
      </header>
      ${content(route)}
    </main>
  `;
}

/** @param {OperationsRoute} route */
function content(route) {
  switch (access.value) {
    case "open":
    case "signed-in":
      return html`<${Turns} search=${route.search} />`;
    case "signed-out":
      return html`<${SignInForm} />`;
    case "closed":
      return html`
        <div class="page-message">
          <p>
            Nobody operates Turnlog yet. Set <code>TURNLOG_OPERATOR_TOKEN</code> for the api, and sign in here
            with it.
          </p>
        </div>
      `;
    case null:
      return accessError.value !== null && html`
        <div class="page-message" role="alert">
          <p>${accessError.value}</p>
          <button type="button" class="button" onClick=${loadAccess}>Try again</button>
        </div>
      `;
  }
}

/** @param {{ search: URLSearchParams }} props */
function Turns({ search }) {
  const filter = parseFilter(search);
  const retryId = search.get("retry");
  const key = keyOfFilter(filter);
  const refresh = () => {
    loadTurns(filter);
  };
  useEffect(refresh, [key]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && isFirstPage()) refresh();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [key]);

  /**
   * @param {TurnFilter} next
   * @param {string | null} [retry]
   */
  function show(next, retry = null) {
    const parameters = filterSearch(next);
    if (retry !== null) parameters.set("retry", retry);
    navigate(operationsAddress(parameters));
  }

  return html`
    <${TurnFilterBar}
      filter=${filter}
      counts=${counts.value}
      onFilter=${show}
      onRefresh=${refresh}
    >
      ${filter.status === "failed" && filter.conversation === undefined && html`
        <${RetryAllButton}
          filter=${filter}
          turns=${countOf(counts.value ?? [], filter)}
          onStart=${(/** @type {string} */ id) => show(filter, id)}
        />
      `}
    </${TurnFilterBar}>
    <div class="operations-scroll">
      <${Servers} />
      ${retryId !== null && html`
        <${RetryState}
          key=${retryId}
          id=${retryId}
          onChange=${refresh}
          onClose=${() => show(filter)}
        />
      `}
      ${listError.value !== null && html`
        <p class="problem operations-problem" role="alert">
          ${listError.value}
          <button type="button" class="link-button" onClick=${refresh}>Try again</button>
        </p>
      `}
      <${List} filter=${filter} onChange=${refresh} onFilter=${show} />
    </div>
  `;
}

/**
 * @param {object} props
 * @param {TurnFilter} props.filter
 * @param {() => void} props.onChange
 * @param {(filter: TurnFilter) => void} props.onFilter
 */
function List({ filter, onChange, onFilter }) {
  const now = useNow(true);
  const shown = shownTurns.value;
  if (shown === null || shown.key !== keyOfFilter(filter)) {
    if (listError.value !== null) return null;
    return html`
      <div role="status" aria-label="Loading the turns">
        ${[1, 2, 3].map((key) => html`<div key=${key} class="skeleton turn-skeleton"></div>`)}
      </div>
    `;
  }
  if (shown.items.length === 0) return html`<${Nothing} filter=${filter} onFilter=${onFilter} />`;
  return html`
    <ul class="turn-list" aria-label="Turns" onKeyDown=${moveFocus}>
      ${shown.items.map((turn) =>
        html`<${TurnRow} key=${turn.id} turn=${turn} now=${now} onChange=${onChange} />`
      )}
    </ul>
    ${shown.nextCursor !== null && html`
      <button type="button" class="button more" onClick=${() => loadMoreTurns(filter)}>
        Show more
      </button>
    `}
  `;
}

/** @param {{ filter: TurnFilter, onFilter: (filter: TurnFilter) => void }} props */
function Nothing({ filter, onFilter }) {
  const words = {
    live: "No turn is being answered right now.",
    waiting: "No turn waits for a provider.",
    failed: "No turn has failed without an answer.",
  };
  return html`
    <div class="page-message">
      <p>${isNarrowed(filter) ? "No turn is like this." : words[filter.status]}</p>
      ${isNarrowed(filter) && html`
        <button type="button" class="button" onClick=${() => onFilter({ status: filter.status })}>
          Show all
        </button>
      `}
    </div>
  `;
}

/** @param {KeyboardEvent} event Arrows go from turn to turn. */
function moveFocus(event) {
  const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
  const step = steps[event.key];
  if (step === undefined || !(event.target instanceof HTMLElement)) return;
  if (!event.target.matches(".turn-toggle")) return;
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const toggles = [...list.querySelectorAll(/** @type {"button"} */ (".turn-toggle"))];
  const next = toggles[toggles.findIndex((toggle) => toggle === event.target) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
