/** Writes made-up traffic to where it is to be, and counts what it was. */
import { isConversationEvent, type TurnlogEvent } from "../../events/contract/event.ts";
import type { SeedTarget } from "./targets.ts";
import { makeTraffic } from "./traffic.ts";
import type { TrafficOptions } from "./traffic_options.ts";

export interface Written {
  events: number;
  people: number;
  conversations: number;
  turns: number;
  fromTime: string;
  untilTime: string;
}

/** @param onProgress Is told how many events are written. */
export async function writeTraffic(
  options: TrafficOptions,
  target: Pick<SeedTarget, "batchLength" | "write">,
  onProgress: (events: number) => void,
): Promise<Written> {
  const people = new Set<string>();
  const conversations = new Set<string>();
  const written = { events: 0, turns: 0, fromTime: "9", untilTime: "" };
  let batch: TurnlogEvent[] = [];
  const flush = async () => {
    await target.write(batch);
    batch = [];
    onProgress(written.events);
  };
  for (const event of makeTraffic(options)) {
    batch.push(event);
    written.events++;
    if (event.time < written.fromTime) written.fromTime = event.time;
    if (event.time > written.untilTime) written.untilTime = event.time;
    if (event.type === "message.sent") written.turns++;
    if (isConversationEvent(event)) {
      people.add(event.userKey);
      conversations.add(event.conversationId);
    }
    if (batch.length === target.batchLength) await flush();
  }
  await flush();
  return { ...written, people: people.size, conversations: conversations.size };
}
