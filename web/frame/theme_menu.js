/** The switch between light, dark, and what the system says. */
import { html } from "htm/preact";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { theme } from "../state/preferences.js";

/** @type {{ name: import("../state/preferences.js").Theme, title: string, icon: string }[]} */
const themes = [
  { name: "system", title: "As the system", icon: "monitor" },
  { name: "light", title: "Light", icon: "sun" },
  { name: "dark", title: "Dark", icon: "moon" },
];

export function ThemeMenu() {
  const current = themes.find(({ name }) => name === theme.value) ?? themes[0];
  return html`
    <${Menu}
      label=${`Theme: ${current.title}`}
      buttonClass="icon-button theme-button"
      items=${() =>
        themes.map(({ name, title, icon }) => ({
          key: name,
          label: title,
          content: html`<${Icon} name=${icon} /> ${title}`,
          checked: name === theme.value,
          choose: () => theme.value = name,
        }))}
    >
      <${Icon} name=${current.icon} size=${18} />
      </${Menu}>
  `;
}
