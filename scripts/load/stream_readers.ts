/**
 * A part of many readers at once, in a process of its own: each sends a message and follows its answer, noting when each
 * piece came. What they hold is looked at only afterwards, so that looking does not delay them.
 *
 * usage: deno run -A scripts/load/stream_readers.ts '<StreamReadersInput as JSON>'
 */
import { readStamps } from "../../workflows/providers/stamped_answer.ts";
import { sleepUntil, wallClockMs } from "../bench/measurement.ts";
import { answerOf, readFrame, TurnClient } from "./turn_client.ts";
import { until } from "./until.ts";

export interface StreamReadersInput {
  /** Of the app. */
  url: string;
  streams: number;
  /** A simulated one that gives stamps, and how many. */
  model: string;
  tokens: number;
  /** When the first message is sent, in milliseconds since 1970, and how much later each next one. */
  fromMs: number;
  everyMs: number;
  /** Tokens given in this time are what is measured. */
  steadyFromMs: number;
  steadyUntilMs: number;
}

export interface StreamReadersResult {
  /** Streams that gave tokens before and after the measured time, so all through it. */
  steadyStreams: number;
  /** Answers that came whole, and stand whole in the store. */
  exactAnswers: number;
  /** From the provider's giving of a token until it was here, for each one in the measured time. */
  lagsMs: number[];
  problems: string[];
}

/** A piece of a stream as it came. */
interface Piece {
  receivedMs: number;
  bytes: Uint8Array;
}

async function readStreams(input: StreamReadersInput): Promise<StreamReadersResult> {
  const client = await TurnClient.connect(input.url);
  const result: StreamReadersResult = {
    steadyStreams: 0,
    exactAnswers: 0,
    lagsMs: [],
    problems: [],
  };
  const followed = await Promise.all(Array.from({ length: input.streams }, async (_, index) => {
    await sleepUntil(input.fromMs + index * input.everyMs);
    try {
      return await follow(client, input, index);
    } catch (error) {
      result.problems.push(`Stream ${index} broke: ${error}`);
    }
  }));
  for (const [index, stream] of followed.entries()) {
    if (stream === undefined) continue;
    const { turnId, pieces } = stream;
    const { text, receivedMs } = readPieces(pieces);
    const sentMs = readStamps(text);
    const stored = await until(`turn ${turnId} can be read`, 10_000, () => client.turn(turnId));
    if (sentMs?.length === input.tokens && stored.text === text && stored.status === "completed") {
      result.exactAnswers++;
    } else {
      const problem = `${sentMs?.length ?? "no exact"} of ${input.tokens} tokens came`;
      result.problems.push(`Stream ${index}: ${problem}; the turn is ${stored.status}`);
    }
    if (sentMs?.length === receivedMs.length) addSteady(result, sentMs, receivedMs, input);
  }
  return result;
}

async function follow(client: TurnClient, { model, tokens }: StreamReadersInput, index: number) {
  const { turnId } = await client.ask({ text: `Stream ${index}`, model });
  const response = await client.request("GET", `/api/turns/${turnId}/stream`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const pieces: Piece[] = [];
  for await (const bytes of response.body!) {
    // A copy: what comes is a view of a buffer of 64 kB, which it would keep.
    pieces.push({ receivedMs: wallClockMs(), bytes: bytes.slice() });
  }
  // A token is about 20 characters, in a frame of 60.
  if (pieces.length > 10 * tokens) throw new Error(`it came in ${pieces.length} pieces`);
  return { turnId, pieces };
}

/** @returns The text that is shown at the end, and when each of its tokens came. */
function readPieces(pieces: readonly Piece[]) {
  const decoder = new TextDecoder();
  const parts = [];
  const tokensReceivedMs: number[] = [];
  let rest = "";
  for (const { receivedMs, bytes } of pieces) {
    const frames = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = frames.pop()!;
    for (const frame of frames) {
      const part = readFrame(frame);
      if (part === null) continue;
      parts.push(part);
      if (part.part.type !== "text-delta") continue;
      const tokens = part.part.text.split(" ").length - 1;
      for (let token = 0; token < tokens; token++) tokensReceivedMs.push(receivedMs);
    }
  }
  return { text: answerOf(parts).text, receivedMs: tokensReceivedMs };
}

function addSteady(
  result: StreamReadersResult,
  sentMs: readonly number[],
  receivedMs: readonly number[],
  { steadyFromMs, steadyUntilMs }: StreamReadersInput,
): void {
  if (sentMs[0] <= steadyFromMs && sentMs.at(-1)! >= steadyUntilMs) result.steadyStreams++;
  for (const [index, ms] of sentMs.entries()) {
    if (ms < steadyFromMs || ms > steadyUntilMs) continue;
    result.lagsMs.push(Math.round((receivedMs[index] - ms) * 10) / 10);
  }
}

if (import.meta.main) {
  console.log(JSON.stringify(await readStreams(JSON.parse(Deno.args[0]))));
  Deno.exit(0);
}
