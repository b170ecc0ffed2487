import type { HostId } from '../core/fleet.ts';
import type { Plan } from '../core/plan.ts';
import type { Rollout } from '../core/rollout.ts';
import { isAgentSilent } from '../core/serving.ts';
import type { Timing } from '../core/timing.ts';
import type { World } from '../core/world.ts';

/** A host that the controller checks by itself, and how often (ms). */
export interface OwnLook {
  readonly id: HostId;
  readonly everyMs: number;
}

/**
 * Whom the controller checks by itself: who is being proven, often; now and then those with a silent agent, and the members of
 * services of which no balancer and no quorum group could tell.
 */
export function hostsToCheck(rollout: Rollout, world: World, timing: Timing, now: number): readonly OwnLook[] {
  const looks = new Map<HostId, number>();
  for (const id of [...watchedHosts(rollout.plan).uncovered, ...silentHosts(rollout, world, timing, now)])
    looks.set(id, timing.ownLookEveryMs);
  for (const { host, state, steps } of rollout.hosts.values()) {
    const proving = state.kind === 'out' && (steps[0] === 'verify' || steps[0] === 'settle');
    if (proving) looks.set(host, timing.checkEveryMs);
  }
  return [...looks].map(([id, everyMs]) => ({ id, everyMs }));
}

/** Hosts of the rollout's services whose agents have fallen silent. */
export function silentHosts({ plan }: Rollout, world: World, timing: Timing, now: number): readonly HostId[] {
  return watchedHosts(plan).members.filter((id) => {
    const facts = world.hosts.get(id);
    return facts === undefined || isAgentSilent(facts, timing, now);
  });
}

interface WatchedHosts {
  /** Of all groups. */
  readonly members: readonly HostId[];
  /** Of services of which nobody else could tell. */
  readonly uncovered: readonly HostId[];
}

/** By plan, which is asked about with every tick and never changes. */
const watched = new WeakMap<Plan, WatchedHosts>();

function watchedHosts(plan: Plan): WatchedHosts {
  const found = watched.get(plan);
  if (found !== undefined) return found;
  const uncovered = plan.fleet.services
    .filter((service) => service.pool === null && service.quorum === null && service.checks.length > 0)
    .flatMap((service) => membersOf(plan.groups.find((group) => group.name === service.name)));
  const made = { members: [...new Set(plan.groups.flatMap(membersOf))], uncovered };
  watched.set(plan, made);
  return made;
}

function membersOf(group: Plan['groups'][number] | undefined): readonly HostId[] {
  return Object.keys(group?.members ?? {});
}
