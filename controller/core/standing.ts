import type { Fleet, HostId, Quorum } from './fleet.ts';
import type { Group } from './plan.ts';
import { type QuorumView, quorumView, strangersOut, votersKept } from './quorum.ts';
import type { NotServing, Reason } from './reason.ts';
import { unproven } from './serving.ts';
import type { Timing } from './timing.ts';
import type { Slot, World } from './world.ts';

/** What safety is judged by: the declared fleet, the groups, and the waits that say when a fact is stale. */
export interface SafetyRules {
  readonly fleet: Fleet;
  readonly groups: readonly Group[];
  readonly timing: Timing;
}

/** One group as it stands at a moment. */
export interface Standing {
  readonly group: Group;
  readonly maxOut: number;
  /** Members that are declared, or vote, and are no host of the fleet that we know to be well. */
  readonly missing: number;
  readonly notServing: readonly NotServing[];
  /** The live membership; null: its members do not vote. */
  readonly quorum: QuorumView | null;
  /** Nothing of it may be taken out, whoever is meant. */
  readonly closed: Reason | null;
}

/** Looks at one group. A quorum group has the budget of its live membership, whatever was declared; unknown, it has none. */
export function standingOf(
  group: Group,
  rules: SafetyRules,
  slots: ReadonlyMap<HostId, Slot>,
  world: World,
  now: number,
): Standing {
  const notServing = Object.keys(group.members)
    .map((host) => notServingIn(host, group, rules, slots, world, now))
    .filter((each) => each !== null);
  const missing = Math.max(0, group.size - Object.keys(group.members).length);
  const standing = { group, maxOut: group.maxOut, missing, notServing, quorum: null, closed: null };
  const quorum = rules.fleet.services.find((service) => service.name === group.name)?.quorum ?? null;
  return quorum === null ? standing : votingStanding(standing, quorum, rules.timing, world, now);
}

function votingStanding(standing: Standing, { spare }: Quorum, timing: Timing, world: World, now: number): Standing {
  const { name, members } = standing.group;
  const quorum = quorumView(name, timing, world, now);
  if (quorum === null) {
    const detail = 'none of its members has answered of late';
    return { ...standing, closed: { code: 'quorum-unknown', group: name, detail } };
  }
  const { voters } = quorum;
  if (voters <= 2) return { ...standing, quorum, closed: { code: 'quorum-too-small', group: name, voters } };
  const missing = standing.missing + strangersOut(name, Object.keys(members), timing, world, now);
  return { ...standing, quorum, missing, maxOut: voters - votersKept(voters, spare) };
}

/** Why a host does not count as serving in a group; null when it serves. A slot counts first, then the facts of each service that is meant. */
function notServingIn(
  host: HostId,
  group: Group,
  rules: SafetyRules,
  slots: ReadonlyMap<HostId, Slot>,
  world: World,
  now: number,
): NotServing | null {
  const slot = slots.get(host);
  if (slot !== undefined) return { host, because: 'slot', detail: slot.rollout };
  const services = rules.fleet.services.filter(
    ({ name }) =>
      group.services.includes(name) &&
      (name === group.name || rules.groups.some((each) => each.name === name && host in each.members)),
  );
  if (services.length === 0) return unproven(host, undefined, rules.timing, world, now);
  for (const service of services) {
    const doubt = unproven(host, service, rules.timing, world, now);
    if (doubt !== null) return doubt;
  }
  return null;
}
