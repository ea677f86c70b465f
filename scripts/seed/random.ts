/** Chance that is the same in every run: all that the generator leaves to chance comes from one of these. */

/** Numbers from a seed (sfc32), and what is drawn with them. */
export class Random {
  #a = 0x9e3779b9;
  #b = 0x243f6a88;
  #c = 0xb7e15162;
  #counter: number;

  constructor(seed: number) {
    this.#counter = seed | 0;
    // The first numbers of seeds that are alike would be alike.
    for (let round = 0; round < 15; round++) this.#bits();
  }

  /** From 0 to below 1. */
  next(): number {
    return (this.#bits() >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number from 0 to below the limit. */
  integer(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(items.length)];
  }

  /** An item, each as likely as its weight says. */
  pickWeighted<Item>(items: readonly (readonly [Item, weight: number])[]): Item {
    let rest = this.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return items.at(-1)![0];
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Skewed as times and lengths are. @param spread The standard deviation of its logarithm. */
  logNormal(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  /** A whole number that is as large as expected on average, and never further from it than one. */
  round(expected: number): number {
    return Math.floor(expected + this.next());
  }

  /** A UUID of version 7, as the same fact has it in every run. */
  uuid(timeMs: number): string {
    const time = Math.floor(timeMs).toString(16).padStart(12, "0");
    const first = hex32(this.#bits());
    const second = hex32(this.#bits());
    const third = hex32(this.#bits());
    const variant = "89ab"[parseInt(first[3], 16) & 3];
    return `${time.slice(0, 8)}-${time.slice(8)}-7${first.slice(0, 3)}-${variant}${
      first.slice(4, 7)
    }-${second}${third.slice(0, 4)}`;
  }

  /** @param length A multiple of 8. */
  hex(length: number): string {
    let text = "";
    while (text.length < length) text += hex32(this.#bits());
    return text;
  }

  #bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum;
  }
}

function hex32(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, "0");
}
