/** No host. */
export const nobody = -1;

/**
 * Hosts that wait in queues, each in one at most; the one with the lowest rank leaves its queue first. Pairing heaps whose links lie in
 * arrays by host, so that thousands of queues cost nothing.
 */
export class ParkedHosts {
  readonly #rank: ArrayLike<number>;
  /** By queue. */
  readonly #first: Int32Array;
  /** By host: the first of those that come after it, and the next one that comes after the same host. */
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #queueOf: Int32Array;

  /** `rank`: by host number; whoever changes it calls `rebuild`. */
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

  push(host: number, queue: number): void {
    this.#queueOf[host] = queue;
    this.#child[host] = nobody;
    this.#first[queue] = this.#melded(this.first(queue), host);
  }

  /** Takes the first one out of a queue that has one. */
  pop(queue: number): number {
    const host = this.first(queue);
    this.#queueOf[host] = nobody;
    this.#first[queue] = this.#inPairs(this.#child[host] ?? nobody);
    return host;
  }

  /** The ranks of these hosts have changed. */
  rebuild(hosts: Int32Array): void {
    this.#first.fill(nobody);
    for (let place = 0; place < hosts.length; place += 1) {
      const host = hosts[place] ?? 0;
      const queue = this.#queueOf[host] ?? nobody;
      if (queue !== nobody) this.push(host, queue);
    }
  }

  /** One heap of two: the one with the higher rank comes after the other. */
  #melded(one: number, other: number): number {
    if (one === nobody) return other;
    if (other === nobody) return one;
    if ((this.#rank[one] ?? 0) <= (this.#rank[other] ?? 0)) return this.#put(other, one);
    return this.#put(one, other);
  }

  /** One host after another; returns that one. */
  #put(host: number, after: number): number {
    this.#sibling[host] = this.#child[after] ?? nobody;
    this.#child[after] = host;
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
