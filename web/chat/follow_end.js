/** Keeps the end of the conversation in view while the reader is there, and lets go at the first scroll up. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** So near to the end, in pixels, counts as being there when scrolling down. */
const endPx = 40;

/** @typedef {import("@preact/signals").Signal<boolean>} BooleanSignal */

/**
 * @param {() => boolean} hasEnd Whether there is something whose end is of interest.
 * @returns {{
 *   scroller: { current: HTMLElement | null },
 *   content: { current: HTMLElement | null },
 *   isFollowing: BooleanSignal,
 *   jumpToEnd: () => void,
 * }} Two references for the element that scrolls and for the one that grows in it.
 */
export function useFollowEnd(hasEnd) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const content = useRef(/** @type {HTMLElement | null} */ (null));
  const isFollowing = useSignal(true);

  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return;
    return followEnd(scroller.current, content.current, isFollowing, hasEnd);
  }, []);

  function jumpToEnd() {
    isFollowing.value = true;
    if (scroller.current !== null) toEnd(scroller.current);
  }
  return { scroller, content, isFollowing, jumpToEnd };
}

/**
 * @param {HTMLElement} scroller
 * @param {HTMLElement} content
 * @param {BooleanSignal} isFollowing
 * @param {() => boolean} hasEnd
 * @returns {() => void} Ends it.
 */
function followEnd(scroller, content, isFollowing, hasEnd) {
  let lastTop = scroller.scrollTop;
  const sizes = new ResizeObserver(() => {
    if (isFollowing.value && hasEnd()) toEnd(scroller);
  });
  sizes.observe(content);
  sizes.observe(scroller);
  scroller.addEventListener("scroll", onScroll, { passive: true });
  scroller.addEventListener("wheel", onWheel, { passive: true });
  if (hasEnd()) toEnd(scroller);
  return () => {
    sizes.disconnect();
    scroller.removeEventListener("scroll", onScroll);
    scroller.removeEventListener("wheel", onWheel);
  };

  function onScroll() {
    const { scrollTop } = scroller;
    const fromEnd = scroller.scrollHeight - scroller.clientHeight - scrollTop;
    if (scrollTop > lastTop && fromEnd < endPx) isFollowing.value = true;
    // Content that shrinks also moves the reader up, but leaves them at the end.
    if (scrollTop < lastTop && fromEnd > 1 && hasEnd()) isFollowing.value = false;
    lastTop = scrollTop;
  }

  /** @param {WheelEvent} event Comes before the scroll, which growing text could hide. */
  function onWheel({ deltaY }) {
    const isScrollable = scroller.scrollHeight > scroller.clientHeight;
    if (deltaY < 0 && isScrollable && hasEnd()) isFollowing.value = false;
  }
}

/** @param {HTMLElement} scroller */
function toEnd(scroller) {
  scroller.scrollTop = scroller.scrollHeight;
}
