import type { Fleet } from '../core/fleet.ts';
import { poolKey } from '../core/world.ts';
import type { HealthView, PoolView } from '../ports/operations.ts';
import type { OperationsParts } from './operations-parts.ts';

/** What the controller knows of itself, of the connections of its agents and of the balancers of this fleet. */
export function fleetHealth(
  { version, hosts, agentWords, runner }: Pick<OperationsParts, 'version' | 'hosts' | 'agentWords' | 'runner'>,
  startedAt: number,
  fleet: Fleet | null,
): HealthView {
  const { pools, rollouts } = runner.world();
  const watched = new Set(rollouts.flatMap(({ plan }) => poolsOf(plan.fleet).map(keyOf)));
  return {
    ...{ version, startedAt },
    agents: hosts.all().map(({ id }) => ({
      ...{ host: id, clockAheadMs: null, certificateEndsAt: null },
      ...agentWords.get(id),
    })),
    pools: poolsOf(fleet).map((pool) => ({
      ...pool,
      readAt: pools.get(keyOf(pool))?.observedAt ?? null,
      isWatched: watched.has(keyOf(pool)),
    })),
  };
}

function poolsOf(fleet: Fleet | null): readonly Pick<PoolView, 'balancer' | 'backend'>[] {
  return (fleet?.services ?? []).flatMap(({ pool }) =>
    (pool?.balancers ?? []).map((balancer) => ({ balancer, backend: pool?.backend ?? '' })),
  );
}

function keyOf({ balancer, backend }: Pick<PoolView, 'balancer' | 'backend'>): string {
  return poolKey(balancer, backend);
}
