/** Host numbers, the one with the lowest rank first. A binary heap. */
export class RankHeap {
  readonly #rank: ArrayLike<number>;
  readonly #hosts: number[] = [];

  constructor(rank: ArrayLike<number>) {
    this.#rank = rank;
  }

  get first(): number | undefined {
    return this.#hosts[0];
  }

  push(host: number): void {
    const hosts = this.#hosts;
    let at = hosts.length;
    hosts.push(host);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#rankAt(parent) <= this.#rankOf(host)) break;
      hosts[at] = hosts[parent] ?? host;
      at = parent;
    }
    hosts[at] = host;
  }

  pop(): number | undefined {
    const hosts = this.#hosts;
    const first = hosts[0];
    const last = hosts.pop();
    if (first !== undefined && last !== undefined && hosts.length > 0) this.#sink(last, 0);
    return first;
  }

  /** The ranks have changed. */
  rebuild(): void {
    for (let at = (this.#hosts.length >> 1) - 1; at >= 0; at -= 1) this.#sink(this.#hosts[at] ?? 0, at);
  }

  /** Puts a host in a place, or as far below as its rank says. */
  #sink(last: number, place: number): void {
    const hosts = this.#hosts;
    let at = place;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= hosts.length) break;
      if (child + 1 < hosts.length && this.#rankAt(child + 1) < this.#rankAt(child)) child += 1;
      if (this.#rankAt(child) >= this.#rankOf(last)) break;
      hosts[at] = hosts[child] ?? last;
      at = child;
    }
    hosts[at] = last;
  }

  #rankAt(place: number): number {
    return this.#rankOf(this.#hosts[place] ?? 0);
  }

  #rankOf(host: number): number {
    return this.#rank[host] ?? 0;
  }
}
