/** Places what opens beside a button: below it where there is room, else above it, always inside of the window. */

/** The gap to the button, and to the window's edge, in pixels. */
const gapPx = 4;
const edgePx = 8;

/**
 * @param {HTMLElement} popover Shown already, so that it has a size.
 * @param {HTMLElement} button
 */
export function placeBeside(popover, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = innerHeight - at.bottom - gapPx - edgePx;
  const above = at.top - gapPx - edgePx;
  const goesUp = height > below && above > below;
  const room = goesUp ? above : below;
  popover.style.maxHeight = `${room}px`;
  const top = goesUp ? at.top - gapPx - Math.min(height, room) : at.bottom + gapPx;
  const left = Math.max(edgePx, Math.min(at.left, innerWidth - width - edgePx));
  popover.style.top = `${top}px`;
  popover.style.left = `${left}px`;
}
