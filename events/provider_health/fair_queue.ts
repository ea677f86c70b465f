/** A queue that serves those who wait in turns, so that one who has much to do does not keep out the others. */

export class FairQueue<Item> {
  /** Who waits → what they wait with, oldest first. The first of the map is served next. */
  readonly #waiting = new Map<string, Item[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(owner: string, item: Item): void {
    const items = this.#waiting.get(owner);
    if (items === undefined) this.#waiting.set(owner, [item]);
    else items.push(item);
    this.#length++;
  }

  /** @returns Who is served next; undefined where nobody waits. */
  peek(): Item | undefined {
    return this.#waiting.values().next().value?.[0];
  }

  /** Takes out who is served next; whose it is goes to the end. */
  take(): Item | undefined {
    const next = this.#waiting.entries().next().value;
    if (next === undefined) return undefined;
    const [owner, [item, ...rest]] = next;
    this.#waiting.delete(owner);
    if (rest.length > 0) this.#waiting.set(owner, rest);
    this.#length--;
    return item;
  }

  /** Takes out one who no longer waits. */
  remove(owner: string, item: Item): void {
    const items = this.#waiting.get(owner) ?? [];
    const index = items.indexOf(item);
    if (index < 0) return;
    items.splice(index, 1);
    if (items.length === 0) this.#waiting.delete(owner);
    this.#length--;
  }
}
