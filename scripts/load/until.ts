/** Waiting for a condition, with a deadline. */

/**
 * Asks again and again until there is an answer.
 *
 * @param what Is waited for, for the error.
 * @param condition Answers null or false while it is not so yet; errors count as that too.
 * @throws Error with the last error as its cause where the time is over.
 */
export async function until<Result>(
  what: string,
  withinMs: number,
  condition: () => Promise<Result | null | false>,
): Promise<Result> {
  const deadlineMs = performance.now() + withinMs;
  let cause: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const result = await condition();
      if (result !== null && result !== false) return result;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited ${withinMs} ms in vain until ${what}`, { cause });
}
