import type { HostId } from '../../../controller/core/fleet.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import type { Slot } from '../../../controller/core/world.ts';
import type { CommitRequest } from '../../../controller/ports/store.ts';
import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import { Rules } from '../simulation/rules.ts';
import type { Effect, SimulatedHost } from '../simulation/simulated-host.ts';
import type { SimulatedQuorum } from '../simulation/simulated-quorum.ts';
import type { VirtualClock } from '../simulation/virtual-clock.ts';

/** What must hold in every story, whatever it tells: the rules of the simulation, for each rollout. */
export class StoryRules {
  readonly #rules = new Map<string, Rules>();
  readonly #make: () => Rules;

  constructor(
    hosts: ReadonlyMap<HostId, SimulatedHost>,
    quorums: () => readonly SimulatedQuorum[],
    clock: VirtualClock,
    limits: () => LimitsReading,
  ) {
    this.#make = () => new Rules(hosts, quorums(), clock, limits);
  }

  committed({ rollout, events }: CommitRequest, slots: readonly Slot[]): void {
    const mine = this.#rules.get(rollout) ?? this.#make();
    this.#rules.set(rollout, mine);
    for (const rules of this.#rules.values()) rules.slots = slots;
    mine.committed(rollout, events, slots);
  }

  effect(effect: Effect): void {
    this.#of(effect.token)?.effect(effect);
  }

  sent(request: RequestBody): void {
    this.#of(request.token)?.sent(request);
  }

  /** Somebody was told that everything is halted, or that it is no longer. */
  halted(isHalted: boolean): void {
    for (const rules of this.#rules.values()) {
      if (isHalted) rules.halted();
      else rules.unhalted();
    }
  }

  /** Tokens begin with their rollout. */
  #of(token: string): Rules | undefined {
    return this.#rules.get(token.split('.')[0] ?? '');
  }

  get broken(): readonly string[] {
    return [...this.#rules.values()].flatMap((rules) => rules.broken);
  }
}
