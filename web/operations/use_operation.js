/** Carries out what an operator asks for: one thing at a time, with a word about how it went. */
import { useState } from "preact/hooks";
import { messageOf } from "../api.js";
import { showToast } from "../state/announcements.js";
import { checkAccess } from "./access.js";

/**
 * @param {() => void} onChange Something was done, or could not be.
 * @returns {{ isBusy: boolean, carryOut: (act: () => Promise<unknown>, done: string) => Promise<void> }}
 */
export function useOperation(onChange) {
  const [isBusy, setBusy] = useState(false);
  return {
    isBusy,
    async carryOut(act, done) {
      setBusy(true);
      try {
        await act();
        showToast(done);
      } catch (error) {
        showToast(messageOf(error));
        checkAccess(error);
      } finally {
        setBusy(false);
        onChange();
      }
    },
  };
}
