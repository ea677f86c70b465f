/** What is fetched for a part of the page, and fetched again while it is looked at. */
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../../api.js";

/**
 * @template Value
 * @param {() => Promise<Value>} load
 * @param {unknown[]} dependencies What is to be fetched anew at once when it changes.
 * @param {number} [everyMs] How often it is fetched again; never where it is absent.
 * @returns {{ value: Value | null, error: string | null, set: (value: Value) => void, retry: () => void }} `value` is
 * null before the first answer; the last one stays while there is an error.
 */
export function useLoaded(load, dependencies, everyMs) {
  const [state, setState] = useState(
    /** @type {{ value: Value | null, error: string | null }} */ ({ value: null, error: null }),
  );
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const fetchNow = async () => {
      try {
        const value = await load();
        if (isCurrent) setState({ value, error: null });
      } catch (cause) {
        if (isCurrent) setState(({ value }) => ({ value, error: messageOf(cause) }));
      }
    };
    fetchNow();
    const timer = everyMs && setInterval(() => document.hidden || fetchNow(), everyMs);
    return () => {
      isCurrent = false;
      if (timer) clearInterval(timer);
    };
  }, [...dependencies, tries]);
  return {
    ...state,
    set: (value) => setState({ value, error: null }),
    retry: () => setTries((tries) => tries + 1),
  };
}
