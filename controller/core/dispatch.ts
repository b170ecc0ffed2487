import { isWayBack } from './change.ts';
import type { RolloutFact } from './event.ts';
import type { HostId } from './fleet.ts';
import { makeIntent, stageHosts, type StepContext } from './host-steps.ts';
import type { Group } from './plan.ts';
import type { Reason } from './reason.ts';
import { type HostProgress, isUnreachable, type Rollout } from './rollout.ts';
import { indexOf } from './group-index.ts';
import { haltReason, stopReason } from './halt.ts';
import { Burden } from './planning/burden.ts';
import { hostKinds } from './planning/host-kinds.ts';
import { serviceOrder } from './planning/sequence.ts';
import { limiterRefusal } from './limiter.ts';
import type { LimiterFacts } from './limits.ts';
import { quorumView } from './quorum.ts';
import { inTurn, type Order, orderOf, orderRefusal } from './order.ts';
import { hostsElsewhere } from './other-rollouts.ts';
import { mayTakeOut, Safety } from './safety.ts';
import type { Timing } from './timing.ts';
import { windowRefusalsIn } from './window.ts';
import type { World } from './world.ts';

/** Which prepared hosts get a slot now, and why each of the others does not. */
export interface Dispatch {
  readonly take: readonly HostId[];
  /** Null: it is not ready, or it is taken. */
  readonly whyWaits: (host: HostId) => Reason | null;
}

/** Walks the hosts of the open stage by the plan's rule and takes each one that every budget allows. Work-conserving: nobody waits for a wave. */
export function dispatch(rollout: Rollout, world: World, now: number, timing: Timing): Dispatch {
  const ready = inPriority(rollout).filter((each) => each.state.kind === 'ready');
  if (ready.length === 0) return { take: [], whyWaits: () => null };
  const gate = new Gate(rollout, world, now, timing);
  for (const { host } of ready) if (gate.refusal(host) === null) gate.take(host);
  const waits = new Set(ready.map((each) => each.host).filter((host) => !gate.taken.includes(host)));
  return { take: gate.taken, whyWaits: (host) => (waits.has(host) ? gate.refusal(host) : null) };
}

/** All that a host of a rollout has to pass to get its slot, with those that have passed before it. */
class Gate {
  readonly taken: HostId[] = [];
  readonly #rollout: Rollout;
  readonly #world: World;
  readonly #now: number;
  readonly #timing: Timing;
  readonly #safety: Safety;
  readonly #held: readonly HostId[];
  readonly #closed: Reason | null;
  readonly #window: (host: HostId) => Reason | null;
  readonly #order: Order;
  readonly #elsewhere: ReadonlyMap<HostId, string>;

  constructor(rollout: Rollout, world: World, now: number, timing: Timing) {
    this.#rollout = rollout;
    this.#world = world;
    this.#now = now;
    this.#timing = timing;
    const { fleet, groups } = rollout.plan;
    this.#safety = new Safety({ fleet, groups, timing }, world, now);
    this.#held = world.slots.filter((slot) => slot.rollout === rollout.id).map((slot) => slot.host);
    this.#closed = stopReason(rollout) ?? haltReason(world);
    this.#window = windowRefusalsIn(rollout, now);
    this.#order = orderOf(rollout, world, now, timing);
    this.#elsewhere = hostsElsewhere(rollout, world);
  }

  refusal(host: HostId): Reason | null {
    return (
      this.#closed ??
      this.#otherRollout(host) ??
      this.#window(host) ??
      this.#atOnce() ??
      orderRefusal(host, this.#order) ??
      leaderLast(host, this.#rollout, this.#order, this.#world, this.#now, this.#timing) ??
      this.#safety.refusal(host) ??
      this.#limits(host)
    );
  }

  take(host: HostId): void {
    this.#safety.take(host);
    this.taken.push(host);
  }

  #otherRollout(host: HostId): Reason | null {
    const rollout = this.#elsewhere.get(host);
    return rollout === undefined ? null : { code: 'host-in-other-rollout', rollout };
  }

  #atOnce(): Reason | null {
    const { atOnce } = this.#rollout.plan.change;
    const out = [...this.#held, ...this.taken];
    return atOnce === null || out.length < atOnce ? null : { code: 'at-once-spent', atOnce, out };
  }

  #limits(host: HostId): Reason | null {
    const facts = limiterFacts(this.#rollout, this.#world);
    return limiterRefusal([...this.taken, host], this.#world.limits, facts, this.#now);
  }
}

/**
 * May these hosts of the rollout be out, by the fleet's rules and by the limits? Asked by dispatch, and again inside the commit.
 * The two know nothing of each other, and each can say no.
 */
export function mayTakeOutHere(
  candidates: readonly HostId[],
  rollout: Rollout,
  world: World,
  now: number,
  timing: Timing,
): Reason | null {
  const rules = { fleet: rollout.plan.fleet, groups: rollout.plan.groups, timing };
  return (
    mayTakeOut(candidates, rules, world, now) ??
    limiterRefusal(candidates, world.limits, limiterFacts(rollout, world), now)
  );
}

/** What the limiter is told about one rollout. */
export function limiterFacts(rollout: Rollout, world: World): LimiterFacts {
  return {
    ...world.limiterFacts,
    topology: rollout.plan.fleet.topology,
    out: world.slots.map((slot) => slot.host),
    outHere: world.slots.filter((slot) => slot.rollout === rollout.id).map((slot) => slot.host),
    // A failure that a person has accepted must not keep the rollout small for ever.
    goesBack: isWayBack(rollout.plan.change),
    proven: [...rollout.hosts.values()].filter((each) => isSettled(each, rollout)).length,
  };
}

function isSettled({ host, state }: HostProgress, rollout: Rollout): boolean {
  return state.kind === 'done' || rollout.failuresAccepted.has(host);
}

/**
 * Leadership moves once: the leader of a group goes after all other members that this rollout still has to take out. With a barrier
 * those of later waves wait for the leader's own, and it is as if there were none of them.
 */
function leaderLast(
  host: HostId,
  rollout: Rollout,
  { waves }: Order,
  world: World,
  now: number,
  timing: Timing,
): Reason | null {
  for (const { name, quorum } of rollout.plan.fleet.services) {
    if (quorum === null || quorumView(name, timing, world, now)?.leader !== host) continue;
    const members = rollout.plan.groups.find((group) => group.name === name)?.members ?? {};
    const waitsFor = stageProgress(rollout)
      .filter((each) => each.host !== host && each.host in members && !waves.has(each.host) && isToCome(each))
      .map((each) => each.host);
    if (waitsFor.length > 0) return { code: 'leader-last', group: name, waitsFor };
  }
  return null;
}

/** Held and unreachable ones may stay so for days: nobody waits for them. */
function isToCome(progress: HostProgress): boolean {
  const { kind } = progress.state;
  return kind === 'waiting' || kind === 'ready' || kind === 'out' || (kind === 'preparing' && !isUnreachable(progress));
}

/**
 * Hosts of the open stage that begin their preparation now: not so many that what they fetched grows old. Counted for each group by
 * itself, and from the front: prepared hosts that one group keeps waiting must not keep the hosts of another one from their turn, nor
 * those behind keep one that they wait for. What is left of a window belongs to the hosts that fit into it.
 */
export function prepare(
  context: Omit<StepContext, 'progress'>,
  elsewhere: ReadonlyMap<HostId, string>,
): readonly RolloutFact[] {
  const { rollout, world, timing, now } = context;
  const { groups } = rollout.plan;
  if (!stageProgress(rollout).some((each) => each.state.kind === 'waiting')) return [];
  const window = windowRefusalsIn(rollout, now);
  const hosts = inPriority(rollout).filter(({ host }) => window(host)?.code !== 'window-too-short');
  const ahead = new Map(groups.map((group) => [group, 0]));
  const begun: RolloutFact[] = [];
  for (const each of inTurn(hosts, rollout, world)) {
    const begins = each.state.kind === 'waiting' && !elsewhere.has(each.host);
    if (!begins && !isPrepared(each)) continue;
    const mine = groups.filter((group) => each.host in group.members);
    if (begins && mine.some((group) => (ahead.get(group) ?? 0) >= groupLimit(group, rollout, timing))) continue;
    for (const group of mine) ahead.set(group, (ahead.get(group) ?? 0) + 1);
    if (!begins) continue;
    begun.push(makeIntent({ ...context, progress: each }, 'preflight', { kind: 'preflight' }, each.intents, 'step'));
  }
  return begun;
}

function isPrepared(progress: HostProgress): boolean {
  return (progress.state.kind === 'preparing' && !isUnreachable(progress)) || progress.state.kind === 'ready';
}

/** How many hosts may be prepared ahead in the groups of this host: a multiple of what may be out. */
export function prepareLimit(host: HostId, rollout: Rollout, timing: Timing): number {
  const mine = rollout.plan.groups.filter((group) => host in group.members);
  return Math.min(...mine.map((group) => groupLimit(group, rollout, timing)));
}

function groupLimit({ maxOut }: Group, { plan }: Rollout, timing: Timing): number {
  const mayBeOut = Math.max(1, maxOut);
  return timing.prepareAheadFactor * Math.min(mayBeOut, plan.change.atOnce ?? mayBeOut);
}

/** By burden the order changes while the rollout goes on: what has fallen behind comes first. */
function inPriority(rollout: Rollout): readonly HostProgress[] {
  const hosts = stageProgress(rollout);
  const { plan } = rollout;
  if (plan.dispatch.rule === 'waves') return hosts;
  const index = indexOf(plan.groups);
  const durations = new Float64Array(index.hostIds.length);
  for (const { host, expectedMs } of plan.hosts) durations[index.numbers.get(host) ?? 0] = expectedMs;
  const numberOf = ({ host }: HostProgress): number => index.numbers.get(host) ?? 0;
  const waiting = Int32Array.from(hosts.filter((each) => each.slotTakenAt === null && !isOver(each)).map(numberOf));
  const burden = new Burden(hostKinds(waiting, index), serviceOrder(plan.fleet, index), durations);
  const burdens = new Map(hosts.map((each) => [each, burden.of(numberOf(each))]));
  return hosts.toSorted((a, b) => (burdens.get(b) ?? 0) - (burdens.get(a) ?? 0));
}

function isOver({ state }: HostProgress): boolean {
  return state.kind === 'done' || state.kind === 'skipped' || state.kind === 'held';
}

function stageProgress(rollout: Rollout): readonly HostProgress[] {
  return stageHosts(rollout)
    .map((id) => rollout.hosts.get(id))
    .filter((each) => each !== undefined);
}
