/** Many thousands of turns through one worker: whether the memory of any process goes on growing after it has warmed up. */
import { simulateAnswer } from "../../workflows/providers/simulated_answer.ts";
import { answerOf, TurnClient } from "../load/turn_client.ts";
import type { Stack } from "../stack.ts";
import type { Figure } from "./measurement.ts";
import { memoryByProcess } from "./memory.ts";

export interface SoakLoad {
  turns: number;
  /** How many are under way at once. */
  users: number;
  /** After so many turns caches are filled and code is compiled: what grows from then on is measured. */
  warmUpTurns: number;
  /** Memory is looked at after every so many turns. */
  sampleTurns: number;
}

export const twentyThousandTurns: SoakLoad = {
  turns: 20_000,
  users: 32,
  warmUpTurns: 6000,
  sampleTurns: 250,
};

const tokens = 20;
/** A conversation has so many turns, as a user's have. */
const conversationTurns = 10;

export const models = `
providers:
  simulated: { kind: simulated }
models:
  soak: { provider: simulated, parameters: { firstTokenMs: 5, tokenMs: 0, tokens: ${tokens} } }
routes:
  default: { candidates: [soak] }
`;

/** Memory after so many turns. */
interface Sample {
  turns: number;
  /** Process → MB. */
  memory: Map<string, number>;
}

/** @throws Error at the first answer that is not exact. */
export async function measureSoak(stack: Stack, load: SoakLoad): Promise<Figure[]> {
  const beganMs = performance.now();
  const samples: Sample[] = [];
  let begun = 0;
  let ended = 0;
  await Promise.all(Array.from({ length: load.users }, async () => {
    const client = await TurnClient.connect(stack.url);
    let conversationId = "";
    for (let own = 0; begun < load.turns; own++) {
      const text = `Turn ${begun++}`;
      if (own % conversationTurns === 0) conversationId = await client.conversation();
      await answerExactly(client, conversationId, text);
      if (++ended % load.sampleTurns === 0) {
        samples.push({ turns: ended, memory: memoryByProcess(stack) });
      }
    }
  }));
  const seconds = (performance.now() - beganMs) / 1000;
  return [
    { what: `${ended} turns, every answer exact: in all`, value: seconds, unit: "s" },
    ...figuresOf(samples, load),
  ];
}

async function answerExactly(
  client: TurnClient,
  conversationId: string,
  text: string,
): Promise<void> {
  const { turnId } = await client.send(conversationId, { text, parentTurnId: null });
  const parts = await client.read(turnId);
  const answer = answerOf(parts).text;
  if (parts.at(-1)?.part.type === "end" && answer === simulateAnswer(text, tokens).join("")) return;
  throw new Error(`The answer to ${text} (turn ${turnId}) is not exact: ${answer}`);
}

function figuresOf(samples: readonly Sample[], { warmUpTurns }: SoakLoad): Figure[] {
  const warm = samples.filter(({ turns }) => turns >= warmUpTurns);
  const names = warm[0].memory.keys();
  return names.flatMap((name): Figure[] => {
    const points = warm.flatMap(({ turns, memory }) => {
      const pssMb = memory.get(name);
      return pssMb === undefined ? [] : [{ x: turns / 1000, y: pssMb }];
    });
    const from = `${points.length} samples, ${points[0].y.toFixed(0)} MB after ${
      warm[0].turns
    } turns`;
    return [{
      what: `${name}: growth for each 1,000 turns (${from}, ${
        points.at(-1)!.y.toFixed(0)
      } at the end)`,
      value: slopeOf(points),
      unit: "MB",
    }];
  }).toArray();
}

/** @returns How steep the line is that fits the points best. */
export function slopeOf(points: readonly { x: number; y: number }[]): number {
  if (points.length < 2) throw new RangeError("Cannot fit a line to fewer than two points");
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const covariance = mean(points.map(({ x, y }) => (x - meanX) * (y - meanY)));
  return covariance / mean(points.map(({ x }) => (x - meanX) ** 2));
}
