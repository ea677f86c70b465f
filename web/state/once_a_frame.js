/** Does a thing at most once a frame, however often it is asked for. */

/** A page in the background draws no frames, but its state goes on. */
const hiddenDelayMs = 250;

/**
 * @param {() => void} act
 * @returns {() => void} Asks for it.
 */
export function onceAFrame(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    if (document.hidden) setTimeout(run, hiddenDelayMs);
    else requestAnimationFrame(run);
  };

  function run() {
    asked = false;
    act();
  }
}
