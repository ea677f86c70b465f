/**
 * Clients of a server that speaks OpenAI's chat completions, in a process of their own: so many at once, each with its
 * next question as soon as its answer is there.
 *
 * usage: deno run -A scripts/load/chat_clients.ts '<ChatClientsInput as JSON>'
 */
import { readStamps } from "../../workflows/providers/stamped_answer.ts";
import { wallClockMs } from "../bench/measurement.ts";

export interface ChatClientsInput {
  /** With `/v1`. */
  url: string;
  headers: Record<string, string>;
  model: string;
  /** How many tokens an answer has. */
  tokens: number;
  stream: boolean;
  /** How many questions are under way at once. */
  concurrency: number;
  /** How many are asked in all, after those that only warm up. */
  requests: number;
  warmUpRequests: number;
  /** Stands before each question, so that the provider can tell whose it is. */
  name: string;
}

export interface ChatAnswer {
  /** What was asked. */
  question: string;
  /** Since 1970. */
  askedMs: number;
  /** When the first token came, and how old it was then; null where the answer did not stream. */
  firstToken: { receivedMs: number; sentMs: number } | null;
  endedMs: number;
}

export interface ChatClientsResult {
  /** Without those that warmed up. */
  answers: ChatAnswer[];
  /** Answers that were not exact, the warming ones included. */
  problems: string[];
}

/** The longest that one answer may take. */
const answerMsMax = 60_000;

async function askAll(input: ChatClientsInput): Promise<ChatClientsResult> {
  const result: ChatClientsResult = { answers: [], problems: [] };
  let asked = 0;
  const ask = async () => {
    while (asked < input.warmUpRequests + input.requests) {
      const index = asked++;
      const question = `${input.name} ${index}`;
      try {
        const answer = await askOnce(input, question);
        if (index >= input.warmUpRequests) result.answers.push(answer);
      } catch (error) {
        result.problems.push(`${question}: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: input.concurrency }, ask));
  return result;
}

/** @throws Error where the answer is not exact. */
async function askOnce(input: ChatClientsInput, question: string): Promise<ChatAnswer> {
  const { url, headers, model, stream, tokens } = input;
  const askedMs = wallClockMs();
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: question }] }),
    signal: AbortSignal.timeout(answerMsMax),
  });
  if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 300)}`);
  const { text, firstTokenMs } = stream ? await readStream(response) : await readWhole(response);
  const endedMs = wallClockMs();
  const sentMs = readStamps(text);
  if (sentMs?.length !== tokens) {
    throw new Error(`${sentMs?.length ?? "no exact"} of ${tokens} tokens came`);
  }
  const firstToken = firstTokenMs === null ? null : { receivedMs: firstTokenMs, sentMs: sentMs[0] };
  return { question, askedMs, firstToken, endedMs };
}

async function readWhole(response: Response) {
  const { choices: [{ message, finish_reason }] } = await response.json();
  if (finish_reason !== "stop") throw new Error(`it ended with ${finish_reason}`);
  return { text: message.content as string, firstTokenMs: null };
}

/** @throws Error where the stream has not its proper end. */
async function readStream(response: Response) {
  let text = "";
  let firstTokenMs: number | null = null;
  let finishReason: string | null = null;
  let isDone = false;
  let rest = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    const receivedMs = wallClockMs();
    const frames = (rest + piece).split(/\r?\n\r?\n/);
    rest = frames.pop()!;
    for (const frame of frames) {
      // Beside the data there may be an id; a line that begins with a colon is a sign of life.
      const line = frame.split(/\r?\n/).find((line) => line.startsWith("data:"));
      if (line === undefined) continue;
      const data = line.slice("data:".length).trim();
      if (data === "[DONE]") {
        isDone = true;
        continue;
      }
      const { choices, error } = JSON.parse(data);
      if (error) throw new Error(`an error in the stream: ${error.message}`);
      const content = choices?.[0]?.delta?.content;
      if (content) {
        firstTokenMs ??= receivedMs;
        text += content;
      }
      finishReason = choices?.[0]?.finish_reason ?? finishReason;
    }
  }
  if (!isDone || finishReason !== "stop") {
    throw new Error(`the stream ended with ${finishReason}, ${isDone ? "and" : "without"} [DONE]`);
  }
  return { text, firstTokenMs };
}

if (import.meta.main) {
  console.log(JSON.stringify(await askAll(JSON.parse(Deno.args[0]))));
  Deno.exit(0);
}
