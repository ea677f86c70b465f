/** Messages on the topic `control`: what reaches every process at once, beside the durable way through Temporal. */

export type ControlMessage =
  /** Ends the turn's call to its provider at once; what becomes of the turn is decided by its workflow. */
  | { type: "stop"; turnId: string }
  /** A worker lives, and hears what others say; see `workflows/worker_liveness.ts`. */
  | { type: "worker-lives"; worker: string; hears: boolean }
  /** Others have heard nothing of it: it is to let go of its calls, which are being given to someone else. */
  | { type: "worker-lost"; worker: string }
  /** It has ended, or all of its calls are given to others. */
  | { type: "worker-left"; worker: string }
  | { type: "call-began" | "call-ended"; worker: string; call: RunningActivity };

/** An execution of an activity, as Temporal names it. */
export interface RunningActivity {
  workflowId: string;
  runId: string;
  activityId: string;
}

export function encodeControlMessage(message: ControlMessage): string {
  return JSON.stringify(message);
}

export function decodeControlMessage(value: Uint8Array): ControlMessage {
  return JSON.parse(new TextDecoder().decode(value));
}
