/** Waits for an engine that may be starting. */

/** How long, in milliseconds: a cluster in containers takes most of a minute. */
const answerWithinMs = 60_000;
const pollMs = 100;

/**
 * Asks until there is an answer.
 *
 * @param engine Its name and address, and the variable that holds the address, for the error.
 * @param ask Throws while the engine does not answer.
 * @throws Error where it has not answered within a minute, with the last reason.
 */
export async function untilAnswers<Answer>(
  engine: { title: string; address: string; variable: string },
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = Date.now() + answerWithinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) {
        const { title, address, variable } = engine;
        throw new Error(
          `Cannot reach ${title} at ${address} for ${answerWithinMs / 1000} s; is ${variable} ` +
            `right? ${error instanceof Error ? error.message : error}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
