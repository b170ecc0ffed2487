/**
 * Numbers from 0 on, each at most once, with a key; the one with the lowest key first. A binary heap that allocates nothing; keys lie by
 * place, so that comparing them touches as little memory as there are items.
 */
export class KeyedHeap {
  /** Nothing is in it. */
  static readonly none = -1;
  /** By place. */
  readonly #items: Int32Array;
  readonly #keys: Float64Array;
  /** By item: its place, `none` where it is not in the heap. */
  readonly #places: Int32Array;
  #size = 0;

  /** For numbers below `limit`. */
  constructor(limit: number) {
    this.#items = new Int32Array(limit);
    this.#keys = new Float64Array(limit);
    this.#places = new Int32Array(limit).fill(KeyedHeap.none);
  }

  get first(): number {
    return this.#size === 0 ? KeyedHeap.none : (this.#items[0] ?? 0);
  }

  /** The key of the first item, where there is one. */
  get firstKey(): number {
    return this.#keys[0] ?? 0;
  }

  has(item: number): boolean {
    return this.#places[item] !== KeyedHeap.none;
  }

  /** The key of an item that is in the heap. */
  keyOf(item: number): number {
    return this.#keys[this.#places[item] ?? 0] ?? 0;
  }

  /** Puts an item in, or moves it to where its new key belongs. */
  set(item: number, key: number): void {
    const from = this.has(item) ? (this.#places[item] ?? 0) : this.#size++;
    this.#sink(item, key, this.#rise(key, from));
  }

  pop(): number {
    const first = this.first;
    if (first === KeyedHeap.none) return first;
    this.#places[first] = KeyedHeap.none;
    this.#size -= 1;
    const last = this.#items[this.#size] ?? 0;
    if (last !== first) this.#sink(last, this.#keys[this.#size] ?? 0, 0);
    return first;
  }

  /** Makes room for a key, from a place as far up as it says; returns the place, which nobody has. */
  #rise(key: number, from: number): number {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentKey = this.#keys[parent] ?? 0;
      if (parentKey <= key) break;
      this.#put(this.#items[parent] ?? 0, parentKey, at);
      at = parent;
    }
    return at;
  }

  /** From a place, which nobody has, as far down as the key says. */
  #sink(item: number, key: number, from: number): void {
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      let childKey = this.#keys[child] ?? 0;
      if (child + 1 < this.#size && (this.#keys[child + 1] ?? 0) < childKey) {
        child += 1;
        childKey = this.#keys[child] ?? 0;
      }
      if (childKey >= key) break;
      this.#put(this.#items[child] ?? 0, childKey, at);
      at = child;
    }
    this.#put(item, key, at);
  }

  #put(item: number, key: number, place: number): void {
    this.#items[place] = item;
    this.#keys[place] = key;
    this.#places[item] = place;
  }
}
