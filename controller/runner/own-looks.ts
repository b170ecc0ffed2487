import type { HostId } from '../core/fleet.ts';
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
  for (const id of [...uncoveredHosts(rollout), ...silentHosts(rollout, world, timing, now)])
    looks.set(id, timing.ownLookEveryMs);
  for (const { host, state, steps } of rollout.hosts.values()) {
    const proving = state.kind === 'out' && (steps[0] === 'verify' || steps[0] === 'settle');
    if (proving) looks.set(host, timing.checkEveryMs);
  }
  return [...looks].map(([id, everyMs]) => ({ id, everyMs }));
}

function uncoveredHosts({ plan }: Rollout): readonly HostId[] {
  return plan.fleet.services
    .filter((service) => service.pool === null && service.quorum === null && service.checks.length > 0)
    .flatMap((service) => membersOf(plan.groups.find((group) => group.name === service.name)));
}

/** Hosts of the rollout's services whose agents have fallen silent. */
export function silentHosts({ plan }: Rollout, world: World, timing: Timing, now: number): readonly HostId[] {
  const members = new Set(plan.groups.flatMap(membersOf));
  return [...members].filter((id) => {
    const facts = world.hosts.get(id);
    return facts === undefined || isAgentSilent(facts, timing, now);
  });
}

function membersOf(group: Rollout['plan']['groups'][number] | undefined): readonly HostId[] {
  return Object.keys(group?.members ?? {});
}
