import { priorities } from './change.ts';
import type { HostId } from './fleet.ts';
import { stageHosts } from './host-steps.ts';
import type { Reason } from './reason.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import { Safety } from './safety.ts';
import type { Timing } from './timing.ts';
import { windowRefusalsIn } from './window.ts';
import type { World } from './world.ts';

/** What has to come before what at one moment, whatever the budgets say: services after each other, waves with a barrier, rollouts that come first. */
export interface Order {
  readonly services: readonly { readonly members: ReadonlySet<HostId>; readonly refusal: Reason }[];
  readonly waves: ReadonlyMap<HostId, Reason>;
  /** By group: a host of a rollout that comes first waits for its budget. */
  readonly claims: readonly { readonly members: Readonly<Record<HostId, string>>; readonly refusal: Reason }[];
}

/** Looks once at everything that a rollout's hosts may have to wait for. */
export function orderOf(rollout: Rollout, world: World, now: number, timing: Timing): Order {
  return { ...turnsOf(rollout, world), claims: claimsBefore(rollout, world, now, timing) };
}

/** Whose turn it is within a rollout. */
function turnsOf(rollout: Rollout, world: World): Pick<Order, 'services' | 'waves'> {
  return {
    services: rollout.plan.fleet.services.flatMap((service) =>
      service.after.flatMap((earlier) => afterRefusal(rollout, world, service.name, earlier)),
    ),
    waves: rollout.plan.change.barrier ? laterWaves(rollout) : new Map(),
  };
}

/** The same hosts, those first that need not wait for others of their rollout. */
export function inTurn(hosts: readonly HostProgress[], rollout: Rollout, world: World): readonly HostProgress[] {
  const turns = { ...turnsOf(rollout, world), claims: [] };
  const waits = new Map(hosts.map((each) => [each, orderRefusal(each.host, turns) !== null]));
  return [...hosts.filter((each) => waits.get(each) !== true), ...hosts.filter((each) => waits.get(each) === true)];
}

/** Why this host has to wait for its turn; null: it is its turn. */
export function orderRefusal(host: HostId, { services, waves, claims }: Order): Reason | null {
  return (
    services.find((each) => each.members.has(host))?.refusal ??
    waves.get(host) ??
    claims.find((each) => host in each.members)?.refusal ??
    null
  );
}

function membersOf({ plan }: Rollout, service: string): Readonly<Record<HostId, string>> {
  return plan.groups.find((group) => group.name === service)?.members ?? {};
}

/** Hosts of the open stages count, so that a stage may have hosts of both; and whoever is out in any rollout. No host is of both services: such a plan was refused. */
function afterRefusal(rollout: Rollout, world: World, service: string, earlier: string): Order['services'] {
  const members = new Set(Object.keys(membersOf(rollout, service)));
  const before = Object.keys(membersOf(rollout, earlier));
  const open = new Set(stageHosts(rollout));
  const out = new Set(world.slots.map((slot) => slot.host));
  const kindOf = (host: HostId): string | undefined => rollout.hosts.get(host)?.state.kind;
  const held = before.filter((host) => kindOf(host) === 'held');
  const waitsFor = before.filter(
    (host) => !held.includes(host) && (out.has(host) || (open.has(host) && isToCome(rollout.hosts.get(host)))),
  );
  if (waitsFor.length === 0) return [];
  return [{ members, refusal: { code: 'after-service', service: earlier, waitsFor, held } }];
}

function isToCome(progress: HostProgress | undefined): boolean {
  return progress !== undefined && ['waiting', 'preparing', 'ready', 'out'].includes(progress.state.kind);
}

/** With a barrier nobody of a later wave goes before everybody of the earlier ones has ended. */
function laterWaves(rollout: Rollout): ReadonlyMap<HostId, Reason> {
  const later = new Map<HostId, Reason>();
  let number = 0;
  for (const { waves } of rollout.plan.stages.slice(0, rollout.stage + 1)) {
    let waitsFor: readonly HostId[] = [];
    for (const wave of waves) {
      // Counted through all stages, as the plan shows them.
      number += 1;
      if (waitsFor.length > 0)
        for (const host of wave) later.set(host, { code: 'wave-not-done', wave: number, waitsFor });
      else waitsFor = wave.filter((host) => isToCome(rollout.hosts.get(host)));
    }
  }
  return later;
}

/** Higher priority first, then the older one. No slot is taken from anybody; only the next free one is not taken away. */
export function comesBefore(one: Rollout, other: Rollout): boolean {
  const rank = ({ plan }: Rollout): number => priorities.indexOf(plan.change.priority);
  if (rank(one) !== rank(other)) return rank(one) > rank(other);
  return one.createdAt !== other.createdAt ? one.createdAt < other.createdAt : one.id < other.id;
}

function claimsBefore(rollout: Rollout, world: World, now: number, timing: Timing): Order['claims'] {
  return world.rollouts
    .filter((each) => each.state === 'running' && each.id !== rollout.id && comesBefore(each, rollout))
    .flatMap((each) => claimsOf(each, world, now, timing));
}

/** Hosts that only slots keep waiting which end by themselves; one that waits for something else may wait for long, and claims nothing. */
function claimsOf(rollout: Rollout, world: World, now: number, timing: Timing): Order['claims'] {
  const { fleet, groups } = rollout.plan;
  const safety = new Safety({ fleet, groups, timing }, world, now);
  const window = windowRefusalsIn(rollout, now);
  const ending = hostsOnTheirWay(world);
  const claims = new Map<string, Order['claims'][number]>();
  for (const host of stageHosts(rollout)) {
    if (rollout.hosts.get(host)?.state.kind !== 'ready' || window(host) !== null) continue;
    const refusal = safety.refusal(host);
    if (refusal?.code !== 'budget-spent' && refusal?.code !== 'other-domain-out') continue;
    if (!refusal.out.every((each) => ending.has(each))) continue;
    const { group } = refusal;
    const members = groups.find((each) => each.name === group)?.members ?? {};
    if (!claims.has(group))
      claims.set(group, { members, refusal: { code: 'comes-second', rollout: rollout.id, host, group } });
  }
  return [...claims.values()];
}

/** They hold a slot and need no person to give it back. */
function hostsOnTheirWay({ slots, rollouts }: World): ReadonlySet<HostId> {
  const byId = new Map(rollouts.map((each) => [each.id, each]));
  return new Set(
    slots
      .filter(({ rollout, host }) => byId.get(rollout)?.hosts.get(host)?.state.kind !== 'held')
      .map(({ host }) => host),
  );
}
