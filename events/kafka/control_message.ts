/** Messages on the topic `control`: commands that reach every worker at once, beside the durable way through Temporal. */

/** Ends the turn's call to its provider at once; what becomes of the turn is decided by its workflow. */
export interface ControlMessage {
  type: "stop";
  turnId: string;
}

export function encodeControlMessage(message: ControlMessage): string {
  return JSON.stringify(message);
}

export function decodeControlMessage(value: Uint8Array): ControlMessage {
  return JSON.parse(new TextDecoder().decode(value));
}
