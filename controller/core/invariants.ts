import { assertInvariant } from '../../lib/invariant-error.ts';
import type { RolloutEvent } from './event.ts';
import type { HostId } from './fleet.ts';
import type { LimitsReading } from './limits.ts';
import { needsSlot } from './may-follow.ts';
import type { Group } from './plan.ts';
import { votersKept } from './quorum.ts';
import type { Rollout } from './rollout.ts';
import type { Slot, World } from './world.ts';

/** What the caps were judged by when a slot was asked for. */
type Judged = Pick<World, 'limits' | 'quorums'> & {
  readonly limiterFacts: { readonly hosts: World['limiterFacts']['hosts'] };
};

/**
 * What must hold after every commit, whoever decided it and by whatever reasoning: judged from what is on disk, by arithmetic of its own.
 * `rollout`: with the events folded in; `slots`: of all rollouts, after them; `judged`: null where nobody asked whether a host may be
 * taken out. Looks only at what the events touch. Throws InvariantError. What an event alone shows to be wrong is refused before it is
 * written (`may-follow.ts`).
 */
export function assertCommitted(
  events: readonly RolloutEvent[],
  rollout: Rollout,
  slots: readonly Slot[],
  judged: Judged | null,
): void {
  const touched = new Set(events.flatMap((event) => ('host' in event ? [event.host] : [])));
  for (const host of touched) assertSound(host, rollout, slots);
  for (const event of events) {
    if (event.kind !== 'slotTaken') continue;
    assertInvariant(judged !== null, `${event.host} was taken out and nobody asked whether it may be`);
    assertWithinBudgets(event.host, rollout, slots, judged);
  }
  if (rollout.endedAt !== null)
    assertInvariant(!slots.some((slot) => slot.rollout === rollout.id), `rollout ${rollout.id} ended with a slot`);
}

/** A host's slot, its progress, what it owes and what is under way on it tell the same story. */
function assertSound(host: HostId, rollout: Rollout, slots: readonly Slot[]): void {
  const progress = rollout.hosts.get(host);
  assertInvariant(progress !== undefined, `rollout ${rollout.id} has no host ${host}`);
  const held = slots.filter((slot) => slot.host === host);
  assertInvariant(held.length <= 1, `${host} holds ${held.length} slots`);
  const isOut = held[0]?.rollout === rollout.id;
  assertInvariant(isOut === (progress.slotTakenAt !== null), `${host} and the store disagree about its slot`);
  const { kind } = progress.state;
  assertInvariant(
    kind === 'held' || isOut === (kind === 'out'),
    `${host} is ${kind}, ${isOut ? 'with' : 'without'} a slot`,
  );
  if (isOut) return;
  for (const [key, obligation] of rollout.obligations)
    assertInvariant(obligation.host !== host, `${key} is drained and nobody holds the slot of ${host}`);
  for (const { host: of, token, action } of rollout.openIntents.values())
    assertInvariant(of !== host || !needsSlot.has(action.kind), `${token} is under way and ${host} holds no slot`);
}

/** Every budget that a host touches is kept, counted by slots alone. */
function assertWithinBudgets(host: HostId, rollout: Rollout, slots: readonly Slot[], judged: Judged): void {
  const { groups, fleet, change } = rollout.plan;
  for (const group of groups) {
    if (!(host in group.members)) continue;
    const out = slots.map((slot) => slot.host).filter((each) => each in group.members);
    const quorum = fleet.services.find((service) => service.name === group.name)?.quorum ?? null;
    if (quorum === null) assertGroup(group, out, group.maxOut);
    else assertVoters(group, out, quorum.spare, judged.quorums.get(group.name));
  }
  const mine = slots.filter((slot) => slot.rollout === rollout.id);
  const atOnce = change.atOnce ?? Infinity;
  assertInvariant(mine.length <= atOnce, `${mine.length} hosts are out and the change allows ${atOnce}`);
  assertLimits(host, fleet.topology, slots, judged);
}

function assertGroup({ name, members, oneAtATime }: Group, out: readonly HostId[], maxOut: number): void {
  assertInvariant(out.length <= maxOut, `${out.join(', ')} are out and ${name} allows ${maxOut}`);
  const domains = new Set(out.map((host) => members[host]));
  assertInvariant(
    oneAtATime === null || domains.size <= 1,
    `${out.join(', ')} are out in ${domains.size} domains of ${name}`,
  );
}

type Readings = NonNullable<ReturnType<World['quorums']['get']>>;

/** The live membership has the budget: as many as its largest count of voters allows, and one member without a vote besides. */
function assertVoters(
  group: Group,
  out: readonly HostId[],
  spare: Parameters<typeof votersKept>[1],
  readings: Readings | undefined,
): void {
  const views = [...(readings?.values() ?? [])].map((facts) => facts.members.filter((each) => each.voter));
  const voters = Math.max(group.size, ...views.map((view) => view.length));
  const votes = (host: HostId): boolean =>
    views.length === 0 || views.some((view) => view.some((each) => each.name === host));
  const [voting, others] = [out.filter(votes), out.filter((host) => !votes(host))];
  assertGroup(group, voting, voters - votersKept(voters, spare));
  assertInvariant(
    others.length <= 1,
    `${others.join(', ')} are out, and ${group.name} loses its non-voters one by one`,
  );
}

/** The caps of limits.yaml as it was read when the slot was asked for. */
function assertLimits(host: HostId, topology: readonly string[], slots: readonly Slot[], judged: Judged): void {
  const limits = readable(judged.limits);
  const { hosts } = judged.limiterFacts;
  const out = slots.map((slot) => slot.host);
  const share = limits.maxOut.percent === null ? Infinity : Math.max(1, (hosts.size * limits.maxOut.percent) / 100);
  const most = Math.min(share, limits.maxOut.hosts ?? Infinity);
  assertInvariant(out.length <= most, `${out.length} hosts are out and the limits allow ${most}`);
  for (const [level, limit] of Object.entries(limits.perDomain)) {
    const domainOf = (id: HostId): string => domainAt(level, topology, hosts.get(id)?.labels ?? {});
    const there = out.filter((each) => domainOf(each) === domainOf(host));
    assertInvariant(
      there.length <= limit,
      `${there.join(', ')} are out in ${domainOf(host)} and the limits allow ${limit}`,
    );
  }
  const modelOf = (id: HostId): string => hosts.get(id)?.hardwareModel ?? '';
  const alike = out.filter((each) => modelOf(host) !== '' && modelOf(each) === modelOf(host));
  assertInvariant(
    alike.length <= (limits.perModel ?? Infinity),
    `${alike.join(', ')} are out, all ${modelOf(host)}, and the limits allow ${limits.perModel ?? ''}`,
  );
}

function readable(reading: LimitsReading): Extract<LimitsReading, { kind: 'limits' }>['limits'] {
  assertInvariant(reading.kind === 'limits', 'a host was taken out under limits that cannot be read');
  assertInvariant(reading.limits.halt === null, 'a host was taken out while the limits halt everything');
  return reading.limits;
}

function domainAt(level: string, topology: readonly string[], labels: Readonly<Record<string, string>>): string {
  const levels = topology.slice(0, topology.indexOf(level) + 1);
  return levels.map((each) => labels[each] ?? '?').join('/');
}
