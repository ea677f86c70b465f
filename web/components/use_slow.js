/** Tells when something takes longer than a person waits without a word. */
import { useEffect, useState } from "preact/hooks";

/** How long a page may keep silent. */
const silentMs = 2500;

/** @param {boolean} isWaiting */
export function useSlow(isWaiting) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!isWaiting) return;
    const timer = setTimeout(() => setSlow(true), silentMs);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return isWaiting && isSlow;
}
