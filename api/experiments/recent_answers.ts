/** Keeps answers that are slow to find, for a while that goes by how slow they were. */

/** An answer is kept so many times as long as it took to find, so that finding it again takes a tenth of the time at most. */
const keptTimes = 10;
const keptMsMax = 60_000;
/** Those that were asked for longest ago go first. */
const answersMax = 200;

interface Kept {
  answer: Promise<unknown>;
  /** Unknown while it is being found. */
  untilMs: number;
}

export class RecentAnswers {
  readonly #kept = new Map<string, Kept>();
  readonly #nowMs: () => number;

  constructor({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}) {
    this.#nowMs = nowMs;
  }

  /**
   * @param find Called where no recent answer is there and nobody is finding one. An answer that is an error is not kept.
   * @returns The same answer to everyone who asks meanwhile.
   */
  of<Answer>(key: string, find: () => Promise<Answer>): Promise<Answer> {
    const beganMs = this.#nowMs();
    const known = this.#kept.get(key);
    if (known !== undefined && known.untilMs > beganMs) return known.answer as Promise<Answer>;
    const answer = find();
    const kept: Kept = { answer, untilMs: Infinity };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (this.#kept.size > answersMax) this.#kept.delete(this.#kept.keys().next().value!);
    answer.then(
      () => {
        const tookMs = this.#nowMs() - beganMs;
        kept.untilMs = this.#nowMs() + Math.min(tookMs * keptTimes, keptMsMax);
      },
      () => kept.untilMs = -Infinity,
    );
    return answer;
  }
}
