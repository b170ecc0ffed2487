import assert from 'node:assert/strict';
import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { RolloutEvent } from '../../../controller/core/event.ts';
import { evolve, foldEvents } from '../../../controller/core/evolve.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Slot } from '../../../controller/core/world.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import { QuorumTruth } from './quorum-truth.ts';
import type { Effect, SimulatedHost } from './simulated-host.ts';
import type { SimulatedQuorum } from './simulated-quorum.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A reading of a balancer may be this old, and is read this often; then everybody can know that a host is down (ms). */
const seenWithinMs = 8000;

/** A halt that was acknowledged holds within this time (ms). */
const haltTakesMs = 1000;

/**
 * What must hold after every commit and at every effect, checked against what the simulated hosts really are.
 * It folds the journal by itself and believes no controller.
 */
export class Rules {
  /** Of all rollouts, as committed. */
  readonly journal: RolloutEvent[] = [];
  readonly #journals = new Map<string, RolloutEvent[]>();
  readonly rollouts = new Map<string, Rollout>();
  readonly effects: Effect[] = [];
  readonly broken: string[] = [];
  readonly #hosts: ReadonlyMap<HostId, SimulatedHost>;
  readonly #tokens = new Set<string>();
  readonly #harmed = new Set<string>();
  slots: readonly Slot[] = [];
  readonly #sickSince = new Map<HostId, number>();
  readonly #groups: readonly QuorumTruth[];
  readonly #clock: Clock;
  readonly #limits: () => LimitsReading;
  #haltedAt: number | null = null;

  constructor(
    hosts: ReadonlyMap<HostId, SimulatedHost>,
    quorums: readonly SimulatedQuorum[],
    clock: VirtualClock,
    limits: () => LimitsReading,
  ) {
    this.#hosts = hosts;
    this.#groups = quorums.map((quorum) => new QuorumTruth(quorum, clock));
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The first one; null: none was created. */
  get rollout(): Rollout | null {
    const [first = null] = this.rollouts.values();
    return first;
  }

  /** A person was told that everything is halted. */
  halted(): void {
    this.#haltedAt = this.#clock.now();
  }

  unhalted(): void {
    this.#haltedAt = null;
  }

  /** A controller sends a request. */
  sent(request: RequestBody): void {
    if (this.#haltedAt === null || this.#clock.now() - this.#haltedAt <= haltTakesMs) return;
    const isHarm =
      (request.verb === 'pool' && request.action.kind === 'drain') ||
      (request.verb === 'quorum' && request.action.kind === 'moveLeader') ||
      ['apply', 'rollback', 'reboot'].includes(request.verb);
    const protects = this.journal.some(
      (event) => event.kind === 'intended' && event.token === request.token && event.purpose === 'protect',
    );
    this.#check(() => assert.ok(!isHarm || protects, `${request.token} was sent after a halt`));
  }

  committed(id: string, events: readonly RolloutEvent[], slots: readonly Slot[]): void {
    this.slots = slots;
    for (const event of events) {
      const before = this.rollouts.get(id);
      const rollout = before === undefined ? foldEvents(id, [event]) : evolve(before, event);
      assert.ok(rollout !== null);
      this.rollouts.set(id, rollout);
      this.journal.push(event);
      this.#journals.set(id, [...(this.#journals.get(id) ?? []), event]);
      if (event.kind === 'intended') this.#tokens.add(event.token);
      this.#check(() => this.#checkEvent(event, rollout));
    }
    for (const rollout of this.rollouts.values()) this.#check(() => this.#checkSlots(rollout));
    this.#check(() => {
      for (const host of this.#hosts.values()) this.#checkTaken(host);
    });
  }

  /** A host is about to do something to its users. */
  effect(effect: Effect): void {
    this.effects.push(effect);
    this.#check(() => {
      assert.ok(this.#tokens.has(effect.token), `${effect.token} has an effect before its intent is on disk`);
      if (effect.kind === 'open') return;
      for (const group of this.#groups) group.checkEffect(effect);
      if (effect.kind === 'moveLeader') return this.#checkHeld(effect);
      assert.ok(!this.#harmed.has(effect.token), `${effect.token} has its effect twice`);
      this.#checkHeld(effect);
      this.#harmed.add(effect.token);
      if (effect.kind !== 'drain') this.#checkUsersAreAway(effect);
    });
  }

  #checkHeld(effect: Effect): void {
    assert.ok(this.#holdsSlot(effect.host), `${effect.token} harms ${effect.host}, which holds no slot`);
  }

  /** A host is patched or rebooted only when no balancer sends it users, unless the balancer has just forgotten that. */
  #checkUsersAreAway(effect: Effect): void {
    for (const balancer of this.#balancers()) {
      if (balancer.restarts > 0 || !balancer.has(effect.host)) continue;
      assert.notEqual(
        balancer.adminOf(effect.host),
        'ready',
        `${effect.token} harms ${effect.host}, which a balancer still sends users to`,
      );
    }
  }

  /** Since when each host is sick, as far as the commits let one see. */
  #watchHealth(now: number): void {
    for (const [id, host] of this.#hosts) {
      if (host.isHealthy) this.#sickSince.delete(id);
      else if (!this.#sickSince.has(id)) this.#sickSince.set(id, now);
    }
  }

  /** Who takes a host out must count those that have been down for long enough to be seen. */
  #checkCapacity(taken: HostId, { plan }: Rollout, now: number): void {
    for (const group of plan.groups) {
      if (!(taken in group.members)) continue;
      const down = [...this.#sickSince]
        .filter(([host, since]) => host in group.members && now - since > seenWithinMs)
        .map(([host]) => host);
      const away = new Set([...down, ...this.slots.map((slot) => slot.host).filter((host) => host in group.members)]);
      assert.ok(
        away.size <= group.maxOut,
        `${taken} was taken while ${[...away].join(', ')} are away and ${group.name} allows ${group.maxOut}`,
      );
    }
  }

  #checkEvent(event: RolloutEvent, rollout: Rollout): void {
    this.#watchHealth(event.at);
    if (event.kind === 'slotTaken') {
      this.#checkCapacity(event.host, rollout, event.at);
      this.#checkLimits();
    }
    // What a person takes over is as that person finds it.
    if (event.kind === 'slotReleased' && event.reason?.code !== 'released') this.#checkLetGo(event.host);
    if (event.kind === 'hostEnded' && event.ending.kind === 'done') this.#checkDone(event.host, rollout);
    if (event.kind === 'ended') this.#checkEnded(rollout);
  }

  /** Whoever takes one more keeps to the limits as they are now; who is out already stays. */
  #checkLimits(): void {
    const reading = this.#limits();
    if (reading.kind === 'unreadable') return assert.fail('a host was taken out under limits that cannot be read');
    const { maxOut, perDomain } = reading.limits;
    const cap = maxOut.hosts ?? Infinity;
    assert.ok(this.slots.length <= cap, `${this.slots.length} are out and the limits allow ${cap}`);
    const zones = this.slots.map((slot) => this.#host(slot.host).parts.host.labels['zone'] ?? '');
    for (const zone of zones) {
      const there = zones.filter((each) => each === zone).length;
      assert.ok(there <= (perDomain['zone'] ?? Infinity), `${there} are out in zone ${zone}`);
    }
  }

  /** Without a slot nobody may be away from users because of us. */
  #checkLetGo(host: HostId): void {
    assert.equal(
      this.#host(host).disruptedBy,
      null,
      `${host} is let go in the middle of ${this.#host(host).disruptedBy ?? ''}`,
    );
    for (const balancer of this.#balancers())
      assert.ok(!balancer.isTakenBy(host, 'zdms'), `${host} is let go while still drained by us`);
  }

  #checkDone(host: HostId, rollout: Rollout): void {
    const plan = rollout.plan.hosts.find((each) => each.host === host);
    const truth = this.#host(host);
    assert.ok(plan !== undefined);
    for (const each of plan.packages)
      assert.equal(
        truth.versions[each.name],
        each.version,
        `${host} counts as done with another version of ${each.name}`,
      );
    const reboots = this.effects.filter((effect) => effect.kind === 'reboot' && effect.host === host);
    if (plan.reboot)
      assert.equal(
        truth.boots - truth.bootsByItself,
        reboots.length,
        `${host} counts as done with ${truth.boots} boots after ${reboots.length} reboots`,
      );
    if (plan.reboot && rollout.plan.change.reboot === 'always')
      assert.ok(truth.boots >= 1, `${host} counts as done without a reboot`);
    for (const step of ['apply', 'reboot', 'verify'] as const) this.#checkLastOutcome(host, rollout.id, step);
  }

  /** Unknown never became done by waiting: the last word on each step is a success, or a person has said otherwise since. */
  #checkLastOutcome(host: HostId, rollout: string, step: 'apply' | 'reboot' | 'verify'): void {
    const journal = this.#journals.get(rollout) ?? [];
    const retriedAt = journal.findLastIndex((event) => event.kind === 'retried' && event.host === host);
    const tokens = journal.flatMap((event) =>
      event.kind === 'intended' && event.host === host && event.step === step ? [event.token] : [],
    );
    const last = journal.findLastIndex((event) => event.kind === 'finished' && tokens.includes(event.token));
    const event = journal[last];
    if (event?.kind === 'finished' && last > retriedAt)
      assert.equal(event.outcome.kind, 'succeeded', `${host} counts as done though ${step} is ${event.outcome.kind}`);
  }

  #checkEnded(rollout: Rollout): void {
    assert.equal(rollout.obligations.size, 0, 'the rollout ended with an obligation');
    assert.equal(rollout.openIntents.size, 0, 'the rollout ended with an open intent');
    assert.deepEqual(this.#slotsOf(rollout), [], 'the rollout ended with a slot');
    for (const { host, state } of rollout.hosts.values())
      if (!this.#holdsSlot(host) && (state.kind !== 'skipped' || state.reason.code !== 'released'))
        this.#checkLetGo(host);
  }

  #slotsOf({ id }: Rollout): readonly Slot[] {
    return this.slots.filter((slot) => slot.rollout === id);
  }

  #checkSlots(rollout: Rollout): void {
    for (const group of rollout.plan.groups) {
      const out = this.slots.filter((slot) => slot.host in group.members).map((slot) => slot.host);
      assert.ok(out.length <= group.maxOut, `${out.join(', ')} are out and ${group.name} allows ${group.maxOut}`);
      const domains = new Set(out.map((host) => group.members[host]));
      assert.ok(
        group.oneAtATime === null || domains.size <= 1,
        `${out.join(', ')} are out in ${domains.size} domains of ${group.name}`,
      );
    }
    const atOnce = rollout.plan.change.atOnce ?? Infinity;
    const out = this.#slotsOf(rollout).length;
    assert.ok(out <= atOnce, `${out} are out and the change allows ${atOnce}`);
  }

  #checkTaken(host: SimulatedHost): void {
    const taken =
      host.disruptedBy !== null || this.#balancers().some((balancer) => balancer.isTakenBy(host.id, 'zdms'));
    assert.ok(
      !taken || this.#holdsSlot(host.id) || this.#isReleased(host.id),
      `${host.id} is away because of us and holds no slot`,
    );
  }

  #isReleased(host: HostId): boolean {
    return [...this.rollouts.values()].some(({ hosts }) => {
      const state = hosts.get(host)?.state;
      return state?.kind === 'skipped' && state.reason.code === 'released';
    });
  }

  #holdsSlot(host: HostId): boolean {
    return this.slots.some((slot) => slot.host === host);
  }

  #balancers(): readonly NonNullable<SimulatedHost['parts']['balancer']>[] {
    return [...this.#hosts.values()].flatMap((host) => (host.parts.balancer === null ? [] : [host.parts.balancer]));
  }

  #host(id: HostId): SimulatedHost {
    const host = this.#hosts.get(id);
    assert.ok(host !== undefined);
    return host;
  }

  /** Collected, since a throw inside a port would look like a failure of the world. */
  #check(rule: () => void): void {
    try {
      rule();
    } catch (error) {
      this.broken.push(error instanceof Error ? error.message : String(error));
    }
  }
}
