/** Deals out the slots of a layer, so that its experiments have no unit in common, and none moves without need. */
import { layerSlots, type SlotRange } from "../../events/contract/experiment.ts";

/**
 * @param traffic The share of the layer that is needed, above 0 to 1.
 * @param own The slots that the experiment had before: it keeps of them what it can.
 * @param taken The slots of the others.
 * @returns As many as are needed; fewer where no more are free.
 */
export function dealSlots(
  traffic: number,
  own: readonly SlotRange[],
  taken: readonly SlotRange[],
): SlotRange[] {
  const isTaken = flagsOf(taken);
  const isOwn = flagsOf(own);
  const free = Array.from({ length: layerSlots }, (_, slot) => slot)
    .filter((slot) => !isTaken[slot]);
  const needed = Math.round(traffic * layerSlots);
  const dealt = [...free.filter((slot) => isOwn[slot]), ...free.filter((slot) => !isOwn[slot])];
  return rangesOf(dealt.slice(0, needed).sort((a, b) => a - b));
}

/** @returns The share of a layer that slots are. */
export function shareOf(slots: readonly SlotRange[]): number {
  return slots.reduce((sum, [from, before]) => sum + before - from, 0) / layerSlots;
}

function flagsOf(ranges: readonly SlotRange[]): boolean[] {
  const flags = new Array<boolean>(layerSlots).fill(false);
  for (const [from, before] of ranges) flags.fill(true, from, before);
  return flags;
}

function rangesOf(slots: readonly number[]): SlotRange[] {
  const ranges: SlotRange[] = [];
  for (const slot of slots) {
    const last = ranges.at(-1);
    if (last?.[1] === slot) last[1] = slot + 1;
    else ranges.push([slot, slot + 1]);
  }
  return ranges;
}
