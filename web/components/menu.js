/** A button that opens a menu: placed by the browser's top layer, used by mouse, touch and keyboard. */
import { html } from "htm/preact";
import { useId, useRef, useState } from "preact/hooks";
import { placeBeside } from "./place_beside.js";

/**
 * @typedef {object} MenuItem
 * @property {string} key
 * @property {unknown} content What is shown.
 * @property {string} label What is said; also what typing looks for.
 * @property {boolean} [checked] For one of several choices.
 * @property {boolean} [disabled] It can be reached, so that its reason can be read, but not chosen.
 * @property {string} [heading] Words above it, which begin a group.
 * @property {boolean} [danger]
 * @property {() => void} choose
 */

/**
 * @param {object} props
 * @param {string} props.label The button's name.
 * @param {unknown} props.children What the button shows.
 * @param {string} [props.buttonClass]
 * @param {string} [props.menuClass]
 * @param {string} [props.title] The button's tooltip.
 * @param {() => MenuItem[]} props.items Asked each time that the menu opens.
 * @param {unknown} [props.footer] Words beneath the items.
 * @param {() => void} [props.onOpen]
 */
export function Menu(
  { label, children, buttonClass = "icon-button", menuClass = "", title, items, footer, onOpen },
) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const menu = useRef(/** @type {HTMLElement | null} */ (null));

  /** @param {ToggleEvent} event */
  function onToggle(event) {
    const opens = event.newState === "open";
    setOpen(opens);
    if (!opens) return;
    onOpen?.();
    // The items are there after the next render.
    requestAnimationFrame(() => {
      if (menu.current === null || button.current === null) return;
      placeBeside(menu.current, button.current);
      focusFirst(menu.current);
    });
  }

  /** @param {MenuItem} item */
  function choose(item) {
    if (item.disabled) return;
    menu.current?.hidePopover();
    item.choose();
  }

  return html`
    <button
      ref=${button}
      type="button"
      class=${buttonClass}
      aria-label=${label}
      aria-haspopup="menu"
      aria-expanded=${isOpen}
      title=${title ?? label}
      popovertarget=${id}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        menu.current?.showPopover();
      }}
    >
      ${children}
    </button>
    <div
      ref=${menu}
      id=${id}
      popover="auto"
      role="menu"
      aria-label=${label}
      class="menu ${menuClass}"
      onToggle=${onToggle}
      onKeyDown=${moveFocus}
    >
      ${isOpen && items().map((item) =>
        html`
          ${item.heading &&
            html`<div class="menu-heading" role="presentation">${item.heading}</div>`}
          <button
            key=${item.key}
            type="button"
            role=${item.checked === undefined ? "menuitem" : "menuitemradio"}
            aria-checked=${item.checked}
            aria-disabled=${item.disabled ?? false}
            aria-label=${item.label}
            class="menu-item ${item.danger ? "danger" : ""}"
            tabindex="-1"
            onClick=${() => choose(item)}
          >${item.content}</button>
        `
      )}
      ${isOpen && footer && html`<div class="menu-footer" role="presentation">${footer}</div>`}
    </div>
  `;
}

/** @param {HTMLElement} menu */
function focusFirst(menu) {
  const items = itemsOf(menu);
  const checked = items.find((item) => item.ariaChecked === "true");
  (checked ?? items[0])?.focus();
}

/** @param {KeyboardEvent} event */
function moveFocus(event) {
  const menu = /** @type {HTMLElement} */ (event.currentTarget);
  const items = itemsOf(menu);
  const at = items.findIndex((item) => item === document.activeElement);
  const next = nextItem(items, at, event);
  if (event.key === "Tab") menu.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

/**
 * @param {HTMLElement[]} items
 * @param {number} at
 * @param {KeyboardEvent} event
 */
function nextItem(items, at, { key, ctrlKey, metaKey, altKey }) {
  switch (key) {
    case "ArrowDown":
      return items[(at + 1) % items.length];
    case "ArrowUp":
      return items[(at - 1 + items.length) % items.length];
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
  }
  if (key.length !== 1 || key === " " || ctrlKey || metaKey || altKey) return undefined;
  const rest = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return rest.find((item) => item.ariaLabel?.toLowerCase().startsWith(key.toLowerCase()));
}

/** @param {HTMLElement} menu @returns {HTMLElement[]} */
function itemsOf(menu) {
  return [...menu.querySelectorAll(/** @type {"button"} */ (".menu-item"))];
}
