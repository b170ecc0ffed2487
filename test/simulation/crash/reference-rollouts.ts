import { type SimulationOptions, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../../support/voting.ts';

/** Rollouts that touch every port and every row of the step table, and are small enough to be run tens of thousands of times. */
export const referenceRollouts = {
  /** Two web hosts, one at a time, behind two balancers that are hosts too. */
  web: { fleet: smallShop, hosts: smallShopHosts },
  /** Three members of a quorum group, whose leader has to hand over. */
  voters: { fleet: fleetOf(etcdOf(3)), hosts: etcdHosts(3), change: upgradeAll },
} as const satisfies Record<string, SimulationOptions>;

export type ReferenceName = keyof typeof referenceRollouts;
