import type { HostId } from './fleet.ts';
import type { HostPlan } from './plan.ts';
import type { Rollout } from './rollout.ts';
import type { Timing } from './timing.ts';

/** The waits of a rollout, with what its plan says of this host. */
export function timingOfHost(timing: Timing, { plan }: Rollout, host: HostId): Timing {
  const rebootDeadlineMs = rebootDeadlinesOf(plan.hosts).get(host) ?? timing.rebootDeadlineMs;
  const { stableForMs = 0 } = plan.fleet.policy;
  if (rebootDeadlineMs === timing.rebootDeadlineMs && stableForMs === 0) return timing;
  return { ...timing, rebootDeadlineMs, verifyDeadlineMs: timing.verifyDeadlineMs + stableForMs };
}

/** Asked for every host at every tick. */
const deadlines = new WeakMap<readonly HostPlan[], ReadonlyMap<HostId, number>>();

function rebootDeadlinesOf(hosts: readonly HostPlan[]): ReadonlyMap<HostId, number> {
  const found =
    deadlines.get(hosts) ??
    new Map(
      hosts.flatMap(({ host, rebootDeadlineMs }) =>
        rebootDeadlineMs === undefined ? [] : [[host, rebootDeadlineMs] as const],
      ),
    );
  deadlines.set(hosts, found);
  return found;
}
