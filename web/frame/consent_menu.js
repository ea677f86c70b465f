/** Whether this person lets what they write be exported: asked of the server when the menu opens, changed by a choice. */
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { changeConsent, getConsent, messageOf } from "../api.js";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { showToast } from "../state/announcements.js";

/** Null until the server has said it. */
const isGiven = signal(/** @type {boolean | null} */ (null));

const choices = [
  { given: false, title: "Keep my conversations here", icon: "shield" },
  { given: true, title: "Let them be exported", icon: "shield-check" },
];

const note =
  "Exported conversations may be used to compare and to train models. You can take your " +
  "word back: later exports leave yours out, and files made until then go after some days.";

export function ConsentMenu() {
  return html`
    <${Menu}
      label="Use of my conversations"
      items=${() =>
        choices.map(({ given, title, icon }) => ({
          key: title,
          label: title,
          content: html`
            <${Icon} name=${icon} /> ${title}
            ${given === isGiven.value && html`<${Icon} name="check" />`}
          `,
          checked: given === isGiven.value,
          disabled: isGiven.value === null,
          choose: () => choose(given),
        }))}
      footer=${note}
      onOpen=${load}
    >
      <${Icon} name=${isGiven.value ? "shield-check" : "shield"} size=${18} />
      </${Menu}>
  `;
}

async function load() {
  try {
    isGiven.value = (await getConsent()).given;
  } catch (error) {
    showToast(`What you have allowed cannot be read. ${messageOf(error)}`);
  }
}

/** @param {boolean} given */
async function choose(given) {
  try {
    isGiven.value = (await changeConsent(given)).given;
  } catch (error) {
    showToast(`Nothing was changed. ${messageOf(error)}`);
  }
}
