/**
 * The canary: one short prompt after each wake, since servers have woken up with weights that wrote nonsense. What is
 * asked has one likeliest answer, so that a model writes the same before its sleep and after it.
 */
import type { VllmServer } from "./vllm_server.ts";

const prompt = "One, two, three, four, five, six, seven,";
const tokens = 16;
/** A model that takes longer for a line is not ready for people. */
const answerMs = 60_000;

/** @throws ModelServerError where the server does not answer it. */
export function askCanary(server: VllmServer, model: string): Promise<string> {
  return server.complete(model, prompt, tokens, answerMs);
}

/**
 * @param expected What the same server wrote before it slept; null where nobody has asked it.
 * @returns What is wrong with the answer, as a sentence; null where it is as it should be.
 */
export function judgeCanary(answer: string, expected: string | null): string | null {
  if (expected !== null) {
    if (answer === expected) return null;
    return `it continues "${prompt}" with ${quote(answer)}; before it slept, with ${
      quote(expected)
    }`;
  }
  return isText(answer) ? null : `it continues "${prompt}" with ${quote(answer)}, which is no text`;
}

/** Weights that are zero, or noise, give nothing, one character over and over, or no characters at all. */
function isText(answer: string): boolean {
  const characters = [...answer.trim()];
  const broken = characters.filter((character) =>
    /[\p{C}\uFFFD]/u.test(character) && !/\s/.test(character)
  );
  return new Set(characters).size > 1 && broken.length <= characters.length / 2;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
