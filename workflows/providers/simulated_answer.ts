/**
 * What the simulated provider says: an answer made from the message alone, always the same for the same message, in
 * Markdown with the parts that real answers have. It says that it is simulated, so that nobody takes it for a model's.
 * To have something to compare, it can be another one for each seed, or a brief one.
 */
import type { GenerationParameters } from "../../events/contract/call_settings.ts";

export interface AnswerStyle {
  /** Another seed makes another answer to the same message. */
  seed?: string;
  /** One sentence in place of lists, tables and code. */
  isBrief?: boolean;
}

/**
 * @param message The user's message.
 * @param tokens How many tokens to write; the answer's own length where it is absent.
 * @returns The answer in tokens: words and punctuation with the white space after them. Joined, they are the answer.
 */
export function simulateAnswer(
  message: string,
  tokens?: number,
  { seed = "", isBrief = false }: AnswerStyle = {},
): string[] {
  const random = randomOf(message + seed);
  const write = isBrief ? sentence : body;
  const written = splitTokens(opening(message) + write(random));
  while (tokens !== undefined && written.length < tokens) {
    written.push(...splitTokens("\n\n" + write(random)));
  }
  return written.slice(0, tokens);
}

/** @returns The same text in tokens: a word or a mark, each with the white space that follows it. */
export function splitTokens(text: string): string[] {
  return text.match(/\s*\S{1,12}\s*?(?=\S|$)|\s+/g) ?? [];
}

/**
 * Ends an answer as real models do: before the first stop sequence, and after as many tokens as are allowed.
 *
 * @returns The tokens that are left, and whether the longest that was asked for cuts them short.
 */
export function limitAnswer(
  tokens: readonly string[],
  { maxTokens = Infinity, stop = [] }: Pick<GenerationParameters, "maxTokens" | "stop">,
): { tokens: string[]; isCut: boolean } {
  const text = tokens.join("");
  const ends = stop.map((sequence) => text.indexOf(sequence)).filter((at) => at >= 0);
  const left = ends.length === 0 ? tokens : splitTokens(text.slice(0, Math.min(...ends)));
  return { tokens: left.slice(0, maxTokens), isCut: left.length > maxTokens };
}

function opening(message: string): string {
  const line = message.trim().split("\n", 1)[0].slice(0, 80);
  return `This is a **simulated answer**: no model wrote it. You wrote “${line}”` +
    `${line.length < message.trim().length ? " and more" : ""}.\n\n`;
}

function body(random: () => number): string {
  const subject = pick(subjects, random);
  const points = [0, 1, 2].map(() => `- **${pick(subjects, random)}** ${pick(clauses, random)}.`);
  return [
    `Three things are worth knowing about ${subject}:`,
    points.join("\n"),
    pick([code(random), table(random), quote(random)], random),
    sentence(random, subject),
  ].join("\n\n");
}

function sentence(random: () => number, subject = pick(subjects, random)): string {
  return `In short, ${subject} ${pick(clauses, random)}, and ${pick(subjects, random)} ${
    pick(clauses, random)
  }.`;
}

function code(random: () => number): string {
  const attempts = 2 + Math.floor(random() * 4);
  return [
    "```typescript",
    `const answer = await retry(() => ask("${
      pick(subjects, random)
    }"), { attempts: ${attempts} });`,
    "console.log(answer.text);",
    "```",
  ].join("\n");
}

function table(random: () => number): string {
  const rows = [0, 1, 2].map(() =>
    `| ${pick(subjects, random)} | ${Math.floor(random() * 900) + 100} ms |`
  );
  return ["| step | time |", "| --- | ---: |", ...rows].join("\n");
}

function quote(random: () => number): string {
  return `> ${pick(subjects, random)} ${pick(clauses, random)}.`;
}

const subjects = [
  "the durable turn",
  "a retry",
  "the event log",
  "a fallback",
  "the stream",
  "an idempotent request",
  "the first token",
  "a heartbeat",
  "the workflow",
  "a consumer group",
];

const clauses = [
  "survives the end of any process",
  "is told once and read many times",
  "costs less than it saves",
  "keeps its order within a conversation",
  "can be queried seconds later",
  "waits for as long as it must",
  "goes on where it was cut off",
  "is the same on one machine as on a hundred",
];

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)];
}

/** Numbers from 0 to 1 that depend on the text alone: FNV-1a as the seed of mulberry32. */
export function randomOf(text: string): () => number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
