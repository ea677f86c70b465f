/** Asks and reads as a browser does, whatever ends meanwhile: it sends again, and goes on where it was. */
import { type Answer, applyPart, formatPosition } from "../../events/contract/stream_part.ts";
import { emptyAnswer, type NewTurn, type ReceivedPart, type TurnClient } from "./turn_client.ts";
import { until } from "./until.ts";

export interface ReadAnswer {
  /** What is shown at the end. */
  text: string;
  parts: ReceivedPart[];
  /** Parts that came twice, and text that was shown and then taken back. */
  problems: string[];
}

/**
 * Sends a message in a conversation of its own until it is accepted, which makes one turn of it.
 *
 * @returns The turn's id.
 */
export async function askUntilAccepted(
  client: TurnClient,
  turn: NewTurn,
  withinMs: number,
): Promise<string> {
  const turnId = crypto.randomUUID();
  const conversationId = await until(
    "a conversation is made",
    withinMs,
    () => client.conversation(),
  );
  await until(
    `${turn.text} is accepted`,
    withinMs,
    () => client.send(conversationId, { ...turn, turnId, parentTurnId: null }),
  );
  return turnId;
}

/** @throws Error where the turn has not ended in time. */
export async function readAnswer(
  client: TurnClient,
  turnId: string,
  withinMs: number,
): Promise<ReadAnswer> {
  const parts: ReceivedPart[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  let answer: Answer = emptyAnswer();
  await until(`turn ${turnId} has been read`, withinMs, async () => {
    const last = parts.at(-1);
    for await (const part of client.parts(turnId, last && formatPosition(last.position))) {
      const place = formatPosition(part.position);
      if (seen.has(place)) problems.push(`${place} came twice`);
      seen.add(place);
      parts.push(part);
      const shown = answer.text;
      answer = applyPart(answer, part.part);
      if (!answer.text.startsWith(shown)) {
        problems.push(`text that was shown was taken back at ${place}`);
      }
    }
    return parts.at(-1)?.part.type === "end";
  });
  return { text: answer.text, parts, problems };
}
