/**
 * Turns without a pause while the workers are killed, one after the other: every answer exact, and how long each one that
 * was interrupted stood still. `deno task chaos storm` and the tests run it.
 */
import { sleep } from "../../events/sleep.ts";
import { simulateAnswer } from "../../workflows/providers/simulated_answer.ts";
import type { ProcessName, Stack } from "../stack.ts";
import { countEvents, type EventCounts } from "./crash_scenario.ts";
import { askUntilAccepted, readAnswer } from "./read_answer.ts";
import { type ReceivedPart, TurnClient } from "./turn_client.ts";
import { until } from "./until.ts";

export interface Storm {
  /** With several workers, so that there is one that goes on. */
  stack: Stack;
  /** How many turns are under way at once: when one has ended, its user sends the next message. */
  users: number;
  /** A simulated model, and how many tokens it writes. */
  model: string;
  tokens: number;
  kills: number;
  everyMs: number;
  /** Told of what happens. */
  log(line: string): void;
}

/** What was counted; all is well where `problems` is empty. */
export interface StormReport extends EventCounts {
  turns: number;
  exactAnswers: number;
  kills: number;
  interruptedAttempts: number;
  /** The most interruptions that one turn outlived. */
  interruptionsMax: number;
  /** From sending a message to the first words of its answer, for each turn: how quick the machine is just now. */
  begunMs: number[];
  /** From the kill until another worker had taken over, for each time an answer was interrupted in the middle. */
  takenOverMs: number[];
  /** From the kill to the next words. */
  resumedMs: number[];
  problems: string[];
}

/** How long a turn may take in all, with every kill on its way. */
const turnMsMax = 180_000;
/** All users have their first answer under way by then. */
const rampMs = 4000;
/** Words that were on their way when their worker was killed come so much later at most. */
const underWayMs = 1000;

export async function runStorm(storm: Storm): Promise<StormReport> {
  const { stack, users, log } = storm;
  const client = await TurnClient.connect(stack.url);
  const followed: FollowedTurn[] = [];
  let isOver = false;
  const using = Array.from({ length: users }, async (_, user) => {
    await sleep(user * rampMs / users);
    for (let index = 0; index === 0 || !isOver; index++) {
      followed.push(await followTurn(client, storm, `User ${user}, message ${index}`));
    }
  });
  const killing = sleep(rampMs).then(() => killWorkers(storm)).finally(() => isOver = true);
  const [killedMs] = await Promise.all([killing, ...using]);
  log(`${followed.length} turns have ended; counting their events`);
  const problems = followed.flatMap(({ problems }) => problems);
  const interruptions = followed.map(({ parts }) => interruptionsOf(parts));
  const killed = interruptions.flat().flatMap((one) => {
    const killMs = killOf(one, killedMs);
    return killMs === undefined ? [] : [{ ...one, killMs }];
  });
  return {
    turns: followed.length,
    exactAnswers: followed.filter(({ isExact }) => isExact).length,
    kills: killedMs.length,
    interruptedAttempts: interruptions.flat().length,
    interruptionsMax: Math.max(...interruptions.map(({ length }) => length)),
    begunMs: followed.map(({ begunMs }) => begunMs),
    takenOverMs: killed.map(({ takenOverMs, killMs }) => takenOverMs - killMs),
    resumedMs: killed.map(({ nextMs, killMs }) => nextMs - killMs),
    ...await countEvents(stack, problems),
    problems,
  };
}

/** Kills the workers in turn. @returns When each kill was, by `performance.now()`. */
async function killWorkers({ stack, kills, everyMs, log }: Storm): Promise<number[]> {
  const workers = stack.processes().map(({ name }) => name).filter(isWorker);
  const killedMs: number[] = [];
  const firstMs = performance.now();
  for (let index = 0; index < kills; index++) {
    await sleep(firstMs + index * everyMs - performance.now());
    const name = workers[index % workers.length];
    // Killed when it is about to be ready again, too: a storm asks nobody.
    killedMs.push(performance.now());
    await stack.kill(name);
    log(`kill -9 ${name}`);
  }
  await Promise.all(workers.map((name) => stack.untilReady(name)));
  return killedMs;
}

function isWorker(name: ProcessName): boolean {
  return name.startsWith("worker");
}

interface FollowedTurn {
  isExact: boolean;
  begunMs: number;
  parts: ReceivedPart[];
  problems: string[];
}

async function followTurn(
  client: TurnClient,
  { model, tokens }: Storm,
  text: string,
): Promise<FollowedTurn> {
  const sentMs = performance.now();
  const turnId = await askUntilAccepted(client, { text, model }, turnMsMax);
  const read = await readAnswer(client, turnId, turnMsMax);
  const turn = await until(`${text} can be read`, turnMsMax, () => client.turn(turnId));
  const expected = simulateAnswer(text, tokens).join("");
  const isExact = turn.status === "completed" && turn.text === expected && read.text === expected;
  const problems = read.problems.map((problem) => `${text}: ${problem}`);
  if (!isExact) {
    const stands = `stored ${turn.text === expected}, shown ${read.text === expected}`;
    problems.push(`${text} is ${turn.status}; ${stands}`);
  }
  const firstWords = read.parts.find(({ part }) => part.type === "text-delta");
  const begunMs = (firstWords?.receivedMs ?? Infinity) - sentMs;
  return { isExact, begunMs, parts: read.parts, problems };
}

/** The last words before an interruption, and the first ones after it. */
export interface Interruption {
  lastMs: number;
  takenOverMs: number;
  nextMs: number;
}

/** Those in the middle of an answer: before its first words a reader sees nothing stand still. */
export function interruptionsOf(parts: readonly ReceivedPart[]): Interruption[] {
  const interruptions: Interruption[] = [];
  let lastMs: number | undefined;
  let takenOverMs: number | undefined;
  for (const { part, receivedMs } of parts) {
    if (part.type === "attempt-end" && part.error?.class === "interrupted") {
      takenOverMs = receivedMs;
    }
    if (part.type !== "text-delta") continue;
    if (takenOverMs !== undefined && lastMs !== undefined) {
      interruptions.push({ lastMs, takenOverMs, nextMs: receivedMs });
    }
    takenOverMs = undefined;
    lastMs = receivedMs;
  }
  return interruptions;
}

/** @returns The kill that interrupted the answer; undefined where there was none: a worker was only believed dead. */
function killOf({ lastMs, nextMs }: Interruption, killedMs: readonly number[]): number | undefined {
  return killedMs.find((killMs) => killMs > lastMs - underWayMs && killMs < nextMs);
}
