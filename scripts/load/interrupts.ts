/** Ctrl-C and the like in the middle of a measurement: what it has started must not outlive it. */

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Stops what runs and then ends this program, when it is interrupted before this is disposed of. */
export function stopWhenInterrupted(stop: () => Promise<void>): Disposable {
  const interrupt = () => void stop().finally(() => Deno.exit(1));
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
    },
  };
}
