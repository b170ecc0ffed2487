import { type SimulationOptions, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';
import { oneStage, upgrade } from '../../support/world-of.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../../support/voting.ts';

/** Rollouts that touch every port and every row of the step table, and are small enough to be run tens of thousands of times. */
export const referenceRollouts = {
  /** Two web hosts, one at a time, behind two balancers that are hosts too. */
  web: { fleet: smallShop, hosts: smallShopHosts },
  /** Three members of a quorum group, whose leader has to hand over. */
  voters: { fleet: fleetOf(etcdOf(3)), hosts: etcdHosts(3), change: upgradeAll },
} as const satisfies Record<string, SimulationOptions>;

/** The first of two hosts does not run with what it was given, and is given back what it had. */
export const undoneRollout: SimulationOptions = {
  fleet: { ...smallShop, policy: { ...smallShop.policy, onFailure: 'undo', stopAfterHosts: 2 } },
  hosts: smallShopHosts,
  change: { ...upgrade, stages: oneStage },
  faults: [{ kind: 'sick-after-apply', host: 'web-1' }],
};

export type ReferenceName = keyof typeof referenceRollouts;
