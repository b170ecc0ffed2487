import fc from 'fast-check';
import type { HostId } from '../../controller/core/fleet.ts';
import type { GroupIndex } from '../../controller/core/group-index.ts';
import type { Group } from '../../controller/core/plan.ts';
import { planIndex } from '../../controller/core/planning/lower-bound.ts';
import { type ServiceOrder, serviceOrder } from '../../controller/core/planning/sequence.ts';
import { shop, webService } from './world-of.ts';

/** So few hosts and groups that everything about them can be tried. */
export interface SmallPlan {
  /** In priority. */
  readonly hosts: readonly HostId[];
  readonly groups: readonly Group[];
  /** By name of a service: those that it comes after. */
  readonly after: ReadonlyMap<string, readonly string[]>;
  readonly atOnce: number | null;
  readonly durations: Readonly<Record<HostId, number>>;
}

const ids = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7', 'h8'];
const domains = fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: ids.length, maxLength: ids.length });
const groupDraw = fc.record({
  members: fc.subarray(ids, { minLength: 1, maxLength: 5 }),
  domains,
  maxOut: fc.integer({ min: 1, max: 4 }),
  byDomain: fc.boolean(),
  after: fc.subarray([0, 1, 2]),
});
type GroupDraw = typeof groupDraw extends fc.Arbitrary<infer T> ? T : never;

/** Plans of at most so many hosts; up to four groups, some of which come after others, and no host waits for itself: those are refused. */
export function smallPlan(hostsMax: number): fc.Arbitrary<SmallPlan> {
  return knottedPlan(hostsMax).map((drawn) => {
    let plan = { ...drawn, groups: drawn.groups.map((group) => withoutThoseBefore(group, drawn)) };
    for (const { name } of plan.groups)
      if (hasKnot(plan)) plan = { ...plan, after: new Map([...plan.after, [name, []]]) };
    return plan;
  });
}

/** A group that comes after others has none of their hosts. */
function withoutThoseBefore(group: Group, { groups, after }: SmallPlan): Group {
  const earlier = groups.filter(({ name }) => after.get(group.name)?.includes(name) === true);
  const members = Object.entries(group.members).filter(([id]) => earlier.every((each) => !(id in each.members)));
  return { ...group, size: members.length, members: Object.fromEntries(members) };
}

/** Like a small plan, but hosts may wait for themselves. */
export function knottedPlan(hostsMax: number): fc.Arbitrary<SmallPlan> {
  return fc
    .record({
      hosts: fc.shuffledSubarray(ids, { maxLength: hostsMax }),
      draws: fc.array(groupDraw, { minLength: 1, maxLength: 4 }),
      atOnce: fc.option(fc.integer({ min: 1, max: 4 })),
      durations: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: ids.length, maxLength: ids.length }),
    })
    .map(({ hosts, draws, atOnce, durations }) => ({
      ...{ hosts, atOnce },
      groups: draws.map((draw, index) => groupFrom(draw, `g${index}`)),
      after: new Map(
        draws.map(({ after }, index) => [`g${index}`, after.filter((each) => each < index).map((each) => `g${each}`)]),
      ),
      durations: Object.fromEntries(ids.map((id, index) => [id, durations[index] ?? 1])),
    }));
}

/** Does a host of the plan wait for itself, by way of others or at once? */
export function hasKnot(plan: SmallPlan): boolean {
  return plan.hosts.some((host) => {
    const reached = new Set(comeBefore(host, plan));
    for (const each of reached) for (const next of comeBefore(each, plan)) reached.add(next);
    return reached.has(host);
  });
}

function groupFrom({ members, domains: names, maxOut, byDomain }: GroupDraw, name: string): Group {
  return {
    ...{ name, services: [name], size: members.length, maxOut, spareDomains: null },
    oneAtATime: byDomain ? 'zone' : null,
    members: Object.fromEntries(members.map((id) => [id, byDomain ? (names[ids.indexOf(id)] ?? '') : ''])),
  };
}

/** The same plan in the numbers that the planner works with. */
export interface NumberedPlan {
  readonly index: GroupIndex;
  readonly order: ServiceOrder;
  readonly hosts: Int32Array;
  readonly durations: Float64Array;
}

export function numbered({ hosts, groups, after, atOnce, durations }: SmallPlan): NumberedPlan {
  const index = planIndex(groups, hosts, atOnce ?? hosts.length);
  const services = groups.map(({ name }) => ({ ...webService, name, after: after.get(name) ?? [] }));
  return {
    index,
    order: serviceOrder({ ...shop, services }, index),
    hosts: Int32Array.from(hosts, (host) => index.numbers.get(host) ?? -1),
    durations: Float64Array.from(index.hostIds, (host) => durations[host] ?? 0),
  };
}

/** May these be out together when all else serves? */
export function keepsEveryBudget(
  set: readonly HostId[],
  { groups, atOnce }: Pick<SmallPlan, 'groups' | 'atOnce'>,
): boolean {
  if (atOnce !== null && set.length > atOnce) return false;
  return groups.every((group) => {
    const touched = set.filter((id) => id in group.members);
    const lie = new Set(touched.map((id) => group.members[id]));
    return touched.length <= group.maxOut && (group.oneAtATime === null || lie.size <= 1);
  });
}

/** The hosts of the plan that have to have ended before this one may begin. */
export function comeBefore(host: HostId, { hosts, groups, after }: SmallPlan): readonly HostId[] {
  const mine = groups.filter(({ members }) => host in members).flatMap(({ name }) => after.get(name) ?? []);
  return hosts.filter((each) => groups.some(({ name, members }) => mine.includes(name) && each in members));
}

/** The fewest waves there are: every sequence of waves is tried. */
export function fewestWaves(plan: SmallPlan): number {
  const known = new Map<number, number>();
  const { hosts } = plan;
  const all = 2 ** hosts.length - 1;
  const inSet = (set: number): readonly HostId[] => hosts.filter((_, index) => (set & (1 << index)) !== 0);
  const fewestFrom = (done: number): number => {
    if (done === all) return 0;
    const found = known.get(done);
    if (found !== undefined) return found;
    let best = Infinity;
    for (let wave = 1; wave <= all; wave += 1) {
      const isNext = (wave & done) === 0 && keepsEveryBudget(inSet(wave), plan);
      const before = isNext ? inSet(wave).flatMap((host) => comeBefore(host, plan)) : [];
      if (isNext && before.every((host) => inSet(done).includes(host)))
        best = Math.min(best, 1 + fewestFrom(done | wave));
    }
    known.set(done, best);
    return best;
  };
  return fewestFrom(0);
}

/**
 * The shortest time there is: hosts are placed in every order, each as early as the budgets and whoever comes before it allow. One of
 * these schedules is optimal, since any can be shifted to the left until nothing moves.
 */
export function shortestMakespan(plan: SmallPlan): number {
  let best = Infinity;
  const place = (placed: readonly Placed[], left: readonly HostId[]): void => {
    const end = Math.max(0, ...placed.map((each) => each.to));
    if (end >= best) return;
    if (left.length === 0) best = end;
    for (const host of left) {
      const before = comeBefore(host, plan);
      if (before.some((each) => left.includes(each))) continue;
      place(
        [...placed, earliest(host, placed, before, plan)],
        left.filter((each) => each !== host),
      );
    }
  };
  place([], plan.hosts);
  return best;
}

interface Placed {
  readonly host: HostId;
  readonly from: number;
  readonly to: number;
}

function earliest(host: HostId, placed: readonly Placed[], before: readonly HostId[], plan: SmallPlan): Placed {
  const lasts = plan.durations[host] ?? 1;
  const ready = Math.max(0, ...placed.filter((each) => before.includes(each.host)).map((each) => each.to));
  for (let from = ready; ; from += 1) {
    const moments = Array.from({ length: lasts }, (_, index) => from + index);
    const fits = moments.every((at) => {
      const out = placed.filter((each) => each.from <= at && at < each.to).map((each) => each.host);
      return keepsEveryBudget([...out, host], plan);
    });
    if (fits) return { host, from, to: from + lasts };
  }
}
