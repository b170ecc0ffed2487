import type { Service } from '../fleet.ts';

/** The shortest circle of services that come after each other, each after the one behind it; null when there is none. */
export function serviceCircle(services: readonly Pick<Service, 'name' | 'after'>[]): readonly string[] | null {
  const after = new Map(services.map((service) => [service.name, service.after]));
  const circles = services.map(({ name }) => circleFrom(name, after)).filter((each) => each !== null);
  return circles.reduce<readonly string[] | null>(
    (best, each) => (best === null || each.length < best.length ? each : best),
    null,
  );
}

/** Breadth first, so that the first way back is a shortest one. */
function circleFrom(start: string, after: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways) {
      for (const next of after.get(way.at(-1) ?? '') ?? []) {
        if (next === start) return way;
        if (seen.has(next)) continue;
        seen.add(next);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return null;
}
