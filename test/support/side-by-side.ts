import type { Change } from '../../controller/core/change.ts';
import { decide } from '../../controller/core/decide.ts';
import type { Intent, Outcome, RolloutEvent, RolloutFact } from '../../controller/core/event.ts';
import { evolve, foldEvents } from '../../controller/core/evolve.ts';
import type { Fleet, HostId, Service } from '../../controller/core/fleet.ts';
import { makeReport } from '../../controller/core/make-report.ts';
import { comesBefore } from '../../controller/core/order.ts';
import type { Report } from '../../controller/core/report.ts';
import type { HostProgress, Rollout } from '../../controller/core/rollout.ts';
import type { Reason } from '../../controller/core/reason.ts';
import { whyNot } from '../../controller/core/why.ts';
import type { HostFacts, Slot, World } from '../../controller/core/world.ts';
import { evidence, healthy, noon, oneStage, planOf, shop, timing, upgrade, webService, worldOf } from './world-of.ts';

/** Six web hosts, two in each of three zones, of which the agents alone say how they are; two may be out, in one zone. */
export function plainShop(change: Partial<Service> = {}): Fleet {
  return { ...shop, services: [{ ...webService, pool: null, probe: null, checks: [], ...change }] };
}

/** Several rollouts on one fleet, driven by hand by the pure core alone; every intent succeeds a second after it was made. */
export class SideBySide {
  now = noon;
  /** Overrides of an otherwise healthy world. */
  hosts: Record<string, HostFacts> = {};
  /** Steps that do not end: `HOST STEP`. */
  readonly stuck = new Set<string>();
  /** Steps that fail: `HOST STEP`. */
  readonly failing = new Set<string>();
  /** Every slot as it was taken: `ROLLOUT HOST`. */
  readonly taken: string[] = [];
  readonly #fleet: Fleet;
  readonly #rollouts = new Map<string, Rollout>();
  readonly #journals = new Map<string, RolloutEvent[]>();
  readonly #boots = new Map<HostId, number>();

  constructor(fleet: Fleet = plainShop()) {
    this.#fleet = fleet;
  }

  /** Begins a rollout that upgrades these hosts in this order, all in one stage. */
  begin(id: string, hosts: readonly HostId[], change: Partial<Change> = {}): void {
    const where = { kind: 'ids', ids: hosts } as const;
    const plan = planOf({
      fleet: this.#fleet,
      change: { ...upgrade, reboot: 'never', stages: oneStage, where, ...change },
    });
    const at = this.now;
    const events: RolloutEvent[] = [
      { at, kind: 'created', plan, by: 'ada' },
      { at, kind: 'started', by: 'ada' },
    ];
    const rollout = foldEvents(id, events);
    if (rollout !== null) this.#rollouts.set(id, rollout);
    this.#journals.set(id, events);
  }

  rollout(id: string): Rollout {
    const rollout = this.#rollouts.get(id);
    if (rollout === undefined) throw new Error(`no rollout ${id}`);
    return rollout;
  }

  host(id: string, host: HostId): HostProgress {
    const progress = this.rollout(id).hosts.get(host);
    if (progress === undefined) throw new Error(`${id} has no ${host}`);
    return progress;
  }

  why(id: string, host: HostId): Reason | null {
    return whyNot(this.rollout(id), host, this.world, this.now, timing);
  }

  report(id: string): Report {
    const report = makeReport(id, this.#journals.get(id) ?? [], this.now);
    if (report === null) throw new Error(`no rollout ${id}`);
    return report;
  }

  get slots(): readonly Slot[] {
    return [...this.#rollouts.values()].flatMap((rollout) =>
      [...rollout.hosts.values()].flatMap(({ host, slotTakenAt }) =>
        slotTakenAt === null ? [] : [{ host, rollout: rollout.id, takenAt: slotTakenAt }],
      ),
    );
  }

  /** Who is out: `ROLLOUT HOST`. */
  get out(): readonly string[] {
    return this.slots.map((slot) => `${slot.rollout} ${slot.host}`);
  }

  get world(): World {
    const known = [...this.#rollouts.values()].flatMap((rollout) => [...rollout.hosts.keys()]);
    const fresh = Object.fromEntries(known.map((id) => [id, healthy(id, this.now, { bootId: this.#bootOf(id) })]));
    const rollouts = [...this.#rollouts.values()].filter((each) => each.endedAt === null);
    return worldOf({ at: this.now, slots: this.slots, hosts: { ...fresh, ...this.hosts }, extra: { rollouts } });
  }

  #bootOf(host: HostId): string {
    return `boot-${this.#boots.get(host) ?? 0}-of-${host}`;
  }

  record(id: string, ...facts: readonly RolloutFact[]): void {
    for (const fact of facts) this.#fold(id, fact);
  }

  #fold(id: string, fact: RolloutFact): void {
    const event = { at: this.now, ...fact };
    this.#rollouts.set(id, evolve(this.rollout(id), event));
    this.#journals.get(id)?.push(event);
    if (fact.kind === 'slotTaken') this.taken.push(`${id} ${fact.host}`);
  }

  /** As the runner does it: whoever comes first decides first, again after each decision of the others. */
  decide(): void {
    const order = [...this.#rollouts.values()].sort((a, b) => (comesBefore(a, b) ? -1 : 1)).map(({ id }) => id);
    for (let count = 0; count < 100; count += 1) {
      const moved = order.some((id) => {
        const events = decide(this.rollout(id), this.world, this.now, timing);
        for (const event of events) this.#fold(id, event);
        return events.length > 0;
      });
      if (!moved) return;
    }
    throw new Error('they never stop to decide');
  }

  /** Second after second, until that is so. */
  until(what: string, isSo: () => boolean): void {
    for (let second = 0; second < 300; second += 1) {
      this.decide();
      if (isSo()) return;
      this.now += 1000;
      for (const { id, openIntents } of [...this.#rollouts.values()])
        for (const intent of openIntents.values()) this.#finish(id, intent);
    }
    throw new Error(`never: ${what}; taken ${this.taken.join(', ')}; out ${this.out.join(', ')}`);
  }

  #finish(id: string, { host, step, token }: Intent): void {
    if (this.stuck.has(`${host} ${step}`)) return;
    if (step === 'reboot') this.#boots.set(host, (this.#boots.get(host) ?? 0) + 1);
    const bootId = this.#bootOf(host);
    const outcome: Outcome = this.failing.has(`${host} ${step}`)
      ? { kind: 'failed', failure: { code: 'disk-full', message: '' }, evidence: null }
      : { kind: 'succeeded', evidence: { ...evidence, bootId } };
    this.#fold(id, { kind: 'finished', host, token, outcome });
  }

  untilAllEnded(): void {
    this.until('all have ended', () => [...this.#rollouts.values()].every((each) => each.endedAt !== null));
  }
}
