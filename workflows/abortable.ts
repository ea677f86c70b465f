/** Waiting again and again for what comes next, until a signal is aborted. */

/**
 * Unlike `Promise.race` with a promise that lasts, which keeps a part of every wait for as long as that promise lives.
 *
 * @returns Settles as the promise that it is given, or rejects with the signal's reason. One wait at a time.
 */
export function abortable(signal: AbortSignal): <Value>(promise: Promise<Value>) => Promise<Value> {
  let rejectWait: (reason: unknown) => void = () => {};
  signal.addEventListener("abort", () => rejectWait(signal.reason), { once: true });
  return (promise) =>
    new Promise((resolve, reject) => {
      rejectWait = reject;
      if (signal.aborted) reject(signal.reason);
      promise.then(resolve, reject);
    });
}
