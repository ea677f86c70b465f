/** Tells when an element comes near to the part of a list that is seen, so that the rest can stay simple. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** How far outside of the view is near, in pixels. */
const nearPx = 1500;

/** The elements that scroll, each with its one observer. @type {WeakMap<Element, IntersectionObserver>} */
const observers = new WeakMap();
/** @type {WeakMap<Element, () => void>} */
const onNear = new WeakMap();

/**
 * @param {boolean} isNearFirst What holds until it is known.
 * @returns {{ element: { current: HTMLElement | null }, isNear: import("@preact/signals").Signal<boolean> }}
 *   A reference for the element, which stands inside of a `.scroller`, and whether it has ever been near.
 */
export function useNearView(isNearFirst) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const isNear = useSignal(isNearFirst);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null || isNear.value) return;
    const root = current.closest(".scroller");
    if (root === null) throw new Error("Cannot tell what is near: no .scroller is around it");
    onNear.set(current, () => isNear.value = true);
    const observer = observers.get(root) ?? createObserver(root);
    observer.observe(current);
    return () => observer.unobserve(current);
  }, []);
  return { element, isNear };
}

/** @param {Element} root */
function createObserver(root) {
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      onNear.get(target)?.();
    }
  }, { root, rootMargin: `${nearPx}px 0px` });
  observers.set(root, observer);
  return observer;
}
