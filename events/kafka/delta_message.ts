/**
 * Messages on the topic `deltas`: stream parts with their places. One message holds the parts of one or several turns of
 * the same partition, in order, so that many streams share one request.
 */
import type { PlacedPart } from "../contract/stream_part.ts";

/** A part of one turn's stream. */
export type TurnPart = PlacedPart & { turnId: string };

/** One message: the parts of each turn in their order. */
export type TurnParts = TurnPart[];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeTurnParts(parts: readonly TurnPart[]): Uint8Array {
  return encoder.encode(JSON.stringify(parts));
}

export function decodeTurnParts(value: Uint8Array): TurnParts {
  return JSON.parse(decoder.decode(value));
}

/** @returns The partition of all parts of the turn (FNV-1a), so that they keep their order. */
export function partitionOfTurn(turnId: string, partitionCount: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < turnId.length; index++) {
    hash = Math.imul(hash ^ turnId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % partitionCount;
}
