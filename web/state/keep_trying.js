/** Repeats a request for as long as the server cannot be reached, so that nobody has to wait beside it. */
import { isTransient } from "../api.js";

/** Pauses between tries; the last one is repeated. */
const pausesMs = [300, 1000, 2500, 5000];
/** After so many failed tries it is told that the server is waited for: most restarts stay unnoticed. */
const unnoticedTries = 2;
/** After that long a person has to say that it is to go on. */
const patienceMs = 15 * 60_000;

/**
 * @template Result
 * @param {() => Promise<Result>} send What may be repeated.
 * @param {{ signal: AbortSignal, onWait: () => void }} options `signal` ends it; `onWait`: it takes longer.
 * @returns {Promise<Result>}
 * @throws RequestError of a try that is not worth repeating, or of the last one; the signal's reason where that ended it.
 */
export async function keepTrying(send, { signal, onWait }) {
  const untilMs = Date.now() + patienceMs;
  for (let tries = 1;; tries++) {
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error) || Date.now() > untilMs) throw error;
    }
    if (tries === unnoticedTries) onWait();
    await pause(pausesMs[Math.min(tries, pausesMs.length) - 1], signal);
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>} Rejects when the signal is aborted.
 */
async function pause(ms, signal) {
  signal.throwIfAborted();
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
