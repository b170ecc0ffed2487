/** No kind. */
export const nobody = -1;

/**
 * Kinds of hosts that wait in queues, each in one at most; the one with the lowest rank leaves its queue first. Pairing heaps whose links
 * lie in arrays by kind, so that thousands of queues cost nothing.
 */
export class ParkedKinds {
  readonly #rank: ArrayLike<number>;
  /** By queue. */
  readonly #first: Int32Array;
  /** By kind: the first of those that come after it, and the next one that comes after the same kind. */
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #queueOf: Int32Array;

  /** `rank`: by kind; whoever changes it calls `rebuild`. */
  constructor(queues: number, rank: ArrayLike<number>) {
    this.#rank = rank;
    this.#first = new Int32Array(queues).fill(nobody);
    this.#child = new Int32Array(rank.length).fill(nobody);
    this.#sibling = new Int32Array(rank.length).fill(nobody);
    this.#queueOf = new Int32Array(rank.length).fill(nobody);
  }

  first(queue: number): number {
    return this.#first[queue] ?? nobody;
  }

  push(kind: number, queue: number): void {
    this.#queueOf[kind] = queue;
    this.#child[kind] = nobody;
    this.#first[queue] = this.#melded(this.first(queue), kind);
  }

  /** Takes the first one out of a queue that has one. */
  pop(queue: number): number {
    const kind = this.first(queue);
    this.#queueOf[kind] = nobody;
    this.#first[queue] = this.#inPairs(this.#child[kind] ?? nobody);
    return kind;
  }

  /** Ranks have changed. */
  rebuild(): void {
    this.#first.fill(nobody);
    for (let kind = 0; kind < this.#queueOf.length; kind += 1) {
      const queue = this.#queueOf[kind] ?? nobody;
      if (queue !== nobody) this.push(kind, queue);
    }
  }

  /** One heap of two: the one with the higher rank comes after the other. */
  #melded(one: number, other: number): number {
    if (one === nobody) return other;
    if (other === nobody) return one;
    if ((this.#rank[one] ?? 0) <= (this.#rank[other] ?? 0)) return this.#put(other, one);
    return this.#put(one, other);
  }

  /** One kind after another; returns that one. */
  #put(kind: number, after: number): number {
    this.#sibling[kind] = this.#child[after] ?? nobody;
    this.#child[after] = kind;
    return after;
  }

  /** One heap of siblings: each two of them from the front, then those pairs from the back. */
  #inPairs(siblings: number): number {
    let pairs = nobody;
    for (let one = siblings; one !== nobody;) {
      const other = this.#sibling[one] ?? nobody;
      const next = other === nobody ? nobody : (this.#sibling[other] ?? nobody);
      const pair = this.#melded(one, other);
      this.#sibling[pair] = pairs;
      pairs = pair;
      one = next;
    }
    let all = nobody;
    for (let pair = pairs; pair !== nobody;) {
      const next = this.#sibling[pair] ?? nobody;
      all = this.#melded(all, pair);
      pair = next;
    }
    return all;
  }
}
