/** Places in the order of their keys; those of key k are `places[starts[k]]` to `places[starts[k + 1] - 1]`. */
export interface SortedPlaces {
  readonly starts: Int32Array;
  readonly places: Int32Array;
}

/** Sorts the places of a list by their keys, whole numbers below `limit`, without comparing any two. Equals keep their order. */
export function countingSort(keys: ArrayLike<number>, limit: number): SortedPlaces {
  const starts = new Int32Array(limit + 1);
  for (let place = 0; place < keys.length; place += 1) {
    const key = (keys[place] ?? 0) + 1;
    starts[key] = (starts[key] ?? 0) + 1;
  }
  for (let key = 0; key < limit; key += 1) starts[key + 1] = (starts[key + 1] ?? 0) + (starts[key] ?? 0);
  const next = starts.slice();
  const places = new Int32Array(keys.length);
  for (let place = 0; place < keys.length; place += 1) {
    const key = keys[place] ?? 0;
    const at = next[key] ?? 0;
    next[key] = at + 1;
    places[at] = place;
  }
  return { starts, places };
}
