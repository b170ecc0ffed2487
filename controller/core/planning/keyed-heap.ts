/** Numbers from 0 on, each at most once, with a key; the one with the lowest key first. A binary heap that allocates nothing. */
export class KeyedHeap {
  /** Nothing is in it. */
  static readonly none = -1;
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

  has(item: number): boolean {
    return this.#places[item] !== KeyedHeap.none;
  }

  /** The last key of an item. */
  keyOf(item: number): number {
    return this.#keys[item] ?? 0;
  }

  /** Puts an item in, or moves it to where its new key belongs. */
  set(item: number, key: number): void {
    if (!this.has(item)) this.#places[item] = this.#size++;
    this.#keys[item] = key;
    const place = this.#places[item] ?? 0;
    this.#sink(item, this.#rise(item, place));
  }

  pop(): number {
    const first = this.first;
    if (first === KeyedHeap.none) return first;
    this.#places[first] = KeyedHeap.none;
    this.#size -= 1;
    const last = this.#items[this.#size] ?? 0;
    if (last !== first) this.#sink(last, 0);
    return first;
  }

  /** From a place as far up as the key says; returns the place. */
  #rise(item: number, from: number): number {
    const key = this.keyOf(item);
    let at = from;
    while (at > 0) {
      const parent = this.#items[(at - 1) >> 1] ?? 0;
      if (this.keyOf(parent) <= key) break;
      this.#put(parent, at);
      at = (at - 1) >> 1;
    }
    this.#put(item, at);
    return at;
  }

  /** From a place as far down as the key says. */
  #sink(item: number, from: number): void {
    const key = this.keyOf(item);
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && this.#keyAt(child + 1) < this.#keyAt(child)) child += 1;
      if (this.#keyAt(child) >= key) break;
      this.#put(this.#items[child] ?? 0, at);
      at = child;
    }
    this.#put(item, at);
  }

  #put(item: number, place: number): void {
    this.#items[place] = item;
    this.#places[item] = place;
  }

  #keyAt(place: number): number {
    return this.#keys[this.#items[place] ?? 0] ?? 0;
  }
}
