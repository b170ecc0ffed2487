/** A span of time, [from, to), UTC ms. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The same time without overlaps, in order. */
export function union(intervals: readonly Interval[]): readonly Interval[] {
  const merged: Interval[] = [];
  for (const each of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || each.from > last.to) merged.push(each);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, each.to) };
  }
  return merged;
}

/** Sum of the lengths, overlaps counted as often as they occur, ms. */
export function total(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, each) => sum + Math.max(0, each.to - each.from), 0);
}

/** How much of `out` lies in `seen`; both without overlaps, ms. */
export function covered(out: readonly Interval[], seen: readonly Interval[]): number {
  const parts = out.flatMap((each) =>
    seen.map((other) => ({ from: Math.max(each.from, other.from), to: Math.min(each.to, other.to) })),
  );
  return total(parts.filter((part) => part.to > part.from));
}

/** The largest number of intervals that hold at one moment. */
export function mostAtOnce(intervals: readonly Interval[]): number {
  const edges = intervals.flatMap((each) => [
    { at: each.from, by: 1 },
    { at: each.to, by: -1 },
  ]);
  // At the same moment an end comes before a beginning: the slot that was given back is the one taken.
  edges.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const edge of edges) {
    now += edge.by;
    most = Math.max(most, now);
  }
  return most;
}
