/** The present time, for what counts down or up on the screen. */
import { useEffect, useState } from "preact/hooks";

/**
 * @param {boolean} isRunning Whether to go on telling the time.
 * @returns {number} Milliseconds since 1970, renewed every second.
 */
export function useNow(isRunning) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
