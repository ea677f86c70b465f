/** Shows how far something is that goes on in the background, until it ends or the person leaves. */
import { sleep } from "../events/sleep.ts";
import type { Output } from "./output.ts";

const pollMs = 1000;
/** How long the api may be away before a run is no longer followed; it goes on without. */
const awayMsMax = 60_000;

/** @returns The run at its end, null where the person has left before. */
export async function followRun<View extends { status: string }>(
  read: () => Promise<View>,
  { output, name, doing, tell, left }: {
    output: Output;
    name: string;
    /** What it does, for the time before it is known how far it is. */
    doing: string;
    tell: (view: View) => string;
    left: AbortSignal;
  },
): Promise<View | null> {
  const step = output.step(name);
  step.says(doing);
  let answeredMs = Date.now();
  try {
    while (!left.aborted) {
      try {
        const view = await read();
        answeredMs = Date.now();
        step.detail(tell(view));
        if (view.status !== "running") {
          step.done(`${view.status}: ${tell(view)}`);
          return view;
        }
      } catch (error) {
        // It may be starting anew.
        if (Date.now() - answeredMs > awayMsMax) throw error;
      }
      await sleep(pollMs, left);
    }
    return null;
  } finally {
    step.failed();
  }
}
