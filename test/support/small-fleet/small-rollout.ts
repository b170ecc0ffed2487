import fc from 'fast-check';
import type { RolloutFact } from '../../../controller/core/event.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import type { DispatchRule, HostPlan, Plan } from '../../../controller/core/plan.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { World } from '../../../controller/core/world.ts';
import { noLimits, noon, planOf, rolloutOf } from '../world-of.ts';
import type { SmallFleet, SmallService } from './small-fleet.ts';
import { smallFleet } from './small-fleet-arbitrary.ts';
import { smallWorld } from './small-world.ts';

/** A small fleet in the middle of rollout r1; slots of r2 are another one's. */
export interface SmallRollout {
  readonly fleet: SmallFleet;
  /** In dispatch priority; those of the first stage, which is open, come first. */
  readonly hosts: readonly SmallProgress[];
  /** Each service comes after the one before it, where it does. */
  readonly after: readonly boolean[];
  readonly rule: DispatchRule;
  readonly atOnce: number | null;
  /** Hosts out at once by limits.yaml. */
  readonly limit: number | null;
}

export interface SmallProgress {
  readonly id: HostId;
  /** Without the slot that it may hold. */
  readonly state: 'waiting' | 'ready' | 'held' | 'skipped';
  readonly open: boolean;
}

/** Rollouts in which most hosts are ready and some stage has not been opened. */
export const smallRollout: fc.Arbitrary<SmallRollout> = fc
  .record({
    fleet: smallFleet,
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
    states: fc.array(
      fc.constantFrom<SmallProgress['state'][]>('ready', 'ready', 'ready', 'waiting', 'held', 'skipped'),
      {
        minLength: 8,
        maxLength: 8,
      },
    ),
    inFirstStage: fc.integer({ min: 2, max: 8 }),
    after: fc.tuple(fc.constant(false), fc.boolean(), fc.boolean()),
    rule: fc.constantFrom('waves', 'burden'),
    atOnce: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 1 }),
    limit: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 1 }),
  })
  .map(({ fleet: drawn, order, states, inFirstStage, ...rest }) => {
    const fleet = {
      ...drawn,
      services: drawn.services.map((service, index) => apart(service, index, drawn, rest.after)),
    };
    const ids = order.map((index) => fleet.hosts[index]?.id).filter((id) => id !== undefined);
    const hosts = ids.map((id, index) => ({ id, state: states[index] ?? 'ready', open: index < inFirstStage }));
    return { fleet, hosts, ...rest };
  });

/** A service that comes after another one has none of its hosts: such a plan is refused. */
function apart(
  service: SmallService,
  index: number,
  { services }: SmallFleet,
  after: readonly boolean[],
): SmallService {
  const earlier = services.slice(0, index).filter((_, at) => after.slice(at + 1, index + 1).every(Boolean));
  return { ...service, members: service.members.filter((id) => earlier.every(({ members }) => !members.includes(id))) };
}

const steps: HostPlan['steps'] = ['preflight', 'fetch', 'takeOut', 'apply', 'verify', 'settle'];
const anyPlan = planOf();

/** The rollout and the world as core takes them, at `noon`. */
export function rolloutFrom(small: SmallRollout): { readonly rollout: Rollout; readonly world: World } {
  const { rules, world } = smallWorld(small.fleet);
  const services = rules.fleet.services.map((service, index) => ({ ...service, after: afterOf(small, index) }));
  const stages = [true, false]
    .map((open) => small.hosts.filter((host) => host.open === open).map((host) => host.id))
    .map((hosts, index) => ({ name: `stage ${index}`, soakMs: 0, hosts, waves: [hosts] }));
  const plan: Plan = {
    ...anyPlan,
    fleet: { ...rules.fleet, services },
    groups: rules.groups,
    change: { ...anyPlan.change, atOnce: small.atOnce },
    dispatch: { rule: small.rule, expectedMs: 0 },
    hosts: small.hosts.map(({ id }) => ({ host: id, packages: [], reboot: false, steps, expectedMs: 0 })),
    stages,
  };
  const slots = new Map(small.fleet.hosts.map((host) => [host.id, host.slot]));
  const facts = small.hosts.flatMap((host) => factsOf(host, slots.get(host.id) === 'r1'));
  const limits = { ...noLimits, maxOut: { hosts: small.limit, percent: null } };
  return {
    rollout: rolloutOf(plan, [{ kind: 'stageOpened', stage: 0 }, ...facts], noon),
    world: { ...world, limits: { kind: 'limits', limits } },
  };
}

/** The services that this one comes after. */
export function afterOf({ after, fleet }: SmallRollout, service: number): readonly string[] {
  const earlier = fleet.services[service - 1];
  return after[service] === true && earlier !== undefined ? [earlier.name] : [];
}

function factsOf({ id, state }: SmallProgress, slot: boolean): readonly RolloutFact[] {
  const ready: readonly RolloutFact[] = [
    { kind: 'stepDone', host: id, step: 'preflight' },
    { kind: 'stepDone', host: id, step: 'fetch' },
  ];
  const reason = { code: 'nothing-to-do' } as const;
  const taken: readonly RolloutFact[] = slot ? [...ready, { kind: 'slotTaken', host: id }] : [];
  switch (state) {
    case 'waiting':
      return taken;
    case 'ready':
      return slot ? taken : ready;
    case 'held':
      return [...taken, { kind: 'held', host: id, step: 'preflight', reason }];
    case 'skipped':
      return slot ? taken : [{ kind: 'skipped', host: id, reason }];
  }
}
