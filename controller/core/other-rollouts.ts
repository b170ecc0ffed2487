import type { RolloutFact } from './event.ts';
import type { HostId } from './fleet.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/**
 * Hosts that other rollouts have in hand, and which one does: a host is in one rollout at a time. It holds a slot there, or is being
 * prepared, which is bounded: two of them at the package manager of one host would only fail each other.
 */
export function hostsElsewhere(rollout: Rollout, world: World): ReadonlyMap<HostId, string> {
  const prepared = world.rollouts
    .filter((each) => each.id !== rollout.id)
    .flatMap(({ id, openIntents }) => [...openIntents.values()].map(({ host }) => [host, id] as const));
  return new Map([...prepared, ...slotsElsewhere(rollout, world)]);
}

function slotsElsewhere(rollout: Rollout, { slots }: World): ReadonlyMap<HostId, string> {
  return new Map(slots.filter((slot) => slot.rollout !== rollout.id).map((slot) => [slot.host, slot.rollout]));
}

/** What was prepared on a host that another rollout has taken out means nothing any more: once it is back there, it is prepared anew. */
export function prepareAnew(rollout: Rollout, world: World): readonly RolloutFact[] {
  const facts: RolloutFact[] = [];
  for (const [host, holder] of slotsElsewhere(rollout, world)) {
    const progress = rollout.hosts.get(host);
    if (progress === undefined || !isPrepared(progress) || hasOpenIntent(rollout, host)) continue;
    const reason = { code: 'host-in-other-rollout', rollout: holder } as const;
    facts.push({ kind: 'rerouted', host, steps: stepsAnew(rollout, progress), ending: progress.ending, reason });
  }
  return facts;
}

/** All that comes before the slot of a host, again, and what it still has to do with it. */
export function stepsAnew({ plan }: Rollout, { host, steps }: HostProgress): readonly Step[] {
  const planned = plan.hosts.find((each) => each.host === host)?.steps ?? [];
  return [...planned.slice(0, planned.indexOf('takeOut')), ...steps.slice(steps.indexOf('takeOut'))];
}

/** The journal tells of its own slots: where users lack more, since others are at work too, it has to say so. */
export function outTogether({ id, plan, outTogether: most }: Rollout, { slots }: World): readonly RolloutFact[] {
  if (slots.every((slot) => slot.rollout === id)) return [];
  return plan.fleet.services.flatMap(({ name }): readonly RolloutFact[] => {
    const members = plan.groups.find((group) => group.name === name)?.members ?? {};
    const here = slots.filter((slot) => slot.host in members);
    const isMore = here.length > (most.get(name) ?? 0) && here.some((slot) => slot.rollout !== id);
    return isMore ? [{ kind: 'outTogether', service: name, out: here.length }] : [];
  });
}

function isPrepared({ state }: HostProgress): boolean {
  return state.kind === 'preparing' || state.kind === 'ready';
}

function hasOpenIntent({ openIntents }: Rollout, host: HostId): boolean {
  return [...openIntents.values()].some((intent) => intent.host === host);
}
