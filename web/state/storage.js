/** What the browser remembers: JSON in local storage, for as long as there is any. */

/**
 * @template Value
 * @param {string} name
 * @param {Value} fallback What is remembered where there is nothing.
 * @returns {Value}
 */
export function recall(name, fallback) {
  try {
    const text = localStorage.getItem(`turnlog.${name}`);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(`turnlog.${name}`, JSON.stringify(value));
  } catch {
    // Full or forbidden storage costs convenience only: nothing that was accepted is kept here.
  }
}
