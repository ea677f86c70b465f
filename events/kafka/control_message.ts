/** Messages on the topic `control`: what reaches every process at once, beside the durable way through Temporal. */

export type ControlMessage =
  /** Ends the turn's call to its provider at once; what becomes of the turn is decided by its workflow. */
  | { type: "stop"; turnId: string }
  /** A worker lives; see `workflows/worker_liveness.ts`. */
  | { type: "worker-lives"; worker: string }
  /** It ends, or others have heard nothing of it and give its calls to someone else. */
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
