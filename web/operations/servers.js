/** The servers of models that are one's own: how they are, and their sleep and their processes for operators. */
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { checkAccess } from "./access.js";
import { changeServer, listServers } from "./operations_api.js";
import { StopButton } from "./stop_button.js";
import { useOperation } from "./use_operation.js";

/** @import { ServerView } from "../../events/contract/api.ts" */

const refreshMs = 3000;

/** Nothing is shown where there is no server of one's own. */
export function Servers() {
  const [servers, setServers] = useState(/** @type {ServerView[]} */ ([]));
  const refresh = () => listServers().then(setServers, checkAccess);
  useEffect(() => {
    refresh();
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, refreshMs);
    return () => clearInterval(timer);
  }, []);
  if (servers.length === 0) return null;
  return html`
    <section class="servers">
      <h2 class="servers-title" id="servers-title">Servers of models</h2>
      <ul class="turn-list" aria-labelledby="servers-title">
        ${servers.map((server) =>
          html`<${ServerRow} key=${server.endpoint} server=${server} onChange=${refresh} />`
        )}
      </ul>
    </section>
  `;
}

/** @param {{ server: ServerView, onChange: () => void }} props */
function ServerRow({ server, onChange }) {
  const { isBusy, carryOut } = useOperation(onChange);
  const { provider, models, endpoint, state, reason, process, canSleep } = server;

  /**
   * @param {"sleep" | "wake" | "start" | "stop"} change
   * @param {string} done
   */
  const ask = (change, done) => carryOut(() => changeServer(models[0], change), done);

  return html`
    <li class="turn-row" aria-busy=${isBusy}>
      <div class="turn-line">
        <span class="turn-title">${provider}</span>
        <span class="turn-model">${models.join(", ") || "no model of turnlog.yaml"}</span>
        <span class="turn-since">${stateWords(server)}</span>
        ${models.length > 0 && html`
          <div class="turn-actions">
            ${canSleep && state === "awake" && html`
              <button
                type="button"
                class="button small"
                disabled=${isBusy}
                onClick=${() => ask("sleep", `${provider} sleeps when its calls have ended.`)}
              >Sleep</button>
            `}
            ${canSleep && state === "asleep" && html`
              <button
                type="button"
                class="button small"
                disabled=${isBusy}
                onClick=${() => ask("wake", `${provider} is being woken up.`)}
              >Wake</button>
            `}
            ${(process === "stopped" || process === "failed") && html`
              <button
                type="button"
                class="button small"
                disabled=${isBusy}
                onClick=${() => ask("start", `${provider} is being started.`)}
              >Start</button>
            `}
            ${process === "running" && html`
              <${StopButton}
                label="Stop this server"
                meaning="Turns that it answers now go on with their next candidate, or wait."
                isDisabled=${isBusy}
                onStop=${() => ask("stop", `${provider} was stopped.`)}
              />
            `}
          </div>
        `}
      </div>
      <p class="turn-facts servers-facts">
        ${reason !== null && process !== "stopped" && html`<span>${reason}</span>`}
        <span>${endpoint}</span>
      </p>
    </li>
  `;
}

/** @param {ServerView} server */
function stateWords({ state, process }) {
  if (process === "stopped") return "stopped";
  if (process === "failed") return "could not be run";
  return process === "running" && state === "unreachable" ? "loading" : state;
}
