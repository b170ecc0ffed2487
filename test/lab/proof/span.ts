/** A stretch of time, UTC ms, without its end. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The same time as spans that neither touch nor overlap, in order. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of spans.filter(({ from, to }) => to > from).toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.to) merged.push(span);
    else if (span.to > last.to) merged[merged.length - 1] = { from: last.from, to: span.to };
  }
  return merged;
}

/** The parts of `whole` that no span covers. */
export function uncovered(whole: Span, spans: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let at = whole.from;
  for (const span of mergeSpans(spans)) {
    gaps.push({ from: at, to: Math.min(span.from, whole.to) });
    at = Math.max(at, span.to);
  }
  gaps.push({ from: at, to: whole.to });
  return gaps.filter(({ from, to }) => to > from);
}

/** The parts of the spans that lie within `whole`. */
export function clip(spans: readonly Span[], whole: Span): readonly Span[] {
  return spans
    .map(({ from, to }) => ({ from: Math.max(from, whole.from), to: Math.min(to, whole.to) }))
    .filter(({ from, to }) => to > from);
}

/** Sum of the lengths, seconds to a thousandth. Spans that overlap count once. */
export function secondsOf(spans: readonly Span[]): number {
  return Math.round(mergeSpans(spans).reduce((sum, { from, to }) => sum + to - from, 0)) / 1000;
}

/** Does the moment lie in one of the spans? They must be merged. */
export function isWithin(at: number, merged: readonly Span[]): boolean {
  return merged.some(({ from, to }) => at >= from && at < to);
}

/** The largest number of lists that have a span over the same moment. */
export function mostAtOnce(lists: readonly (readonly Span[])[]): number {
  const edges = lists.flatMap((spans) =>
    spans.flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ]),
  );
  let now = 0;
  let most = 0;
  // A span does not hold its end, so at the same moment those that end go first.
  for (const edge of edges.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += edge.by;
    most = Math.max(most, now);
  }
  return most;
}
