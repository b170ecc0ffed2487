import assert from 'node:assert/strict';
import type { Ending } from '../../../controller/core/event.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Ledger } from './ledger.ts';
import type { SimulatedHost } from './simulated-host.ts';

/** What must hold when a host, or a rollout, is called finished. */
export class EndRules {
  readonly #ledger: Ledger;
  readonly #hosts: ReadonlyMap<HostId, SimulatedHost>;

  constructor(ledger: Ledger, hosts: ReadonlyMap<HostId, SimulatedHost>) {
    this.#ledger = ledger;
    this.#hosts = hosts;
  }

  /** Without a slot nobody may be away from users because of us. */
  checkLetGo(id: HostId): void {
    const host = this.#host(id);
    assert.equal(host.disruptedBy, null, `${id} is let go in the middle of ${host.disruptedBy ?? ''}`);
    for (const { parts } of this.#hosts.values())
      assert.ok(parts.balancer?.isTakenBy(id, 'zdms') !== true, `${id} is let go while still drained by us`);
  }

  checkHostEnded(host: HostId, ending: Ending['kind'], rollout: Rollout): void {
    if (ending === 'done') this.#checkDone(host, rollout);
    if (ending === 'skipped') this.#checkSkipped(host, rollout);
  }

  #checkDone(id: HostId, rollout: Rollout): void {
    const plan = rollout.plan.hosts.find((each) => each.host === id);
    const host = this.#host(id);
    assert.ok(plan !== undefined);
    for (const { name, version } of plan.packages)
      assert.equal(host.versions[name], version, `${id} counts as done with another version of ${name}`);
    this.#checkBoots(id);
    if (plan.reboot && rollout.plan.change.reboot === 'always')
      assert.ok(host.boots >= 1, `${id} counts as done without a reboot`);
    // Unknown never became done by waiting.
    for (const step of ['apply', 'reboot', 'verify'] as const) {
      // What a power cycle found is the last word on the reboot before it.
      const cycled = step === 'reboot' ? this.#ledger.lastOutcome(rollout.id, id, 'powerCycle') : undefined;
      const outcome = cycled ?? this.#ledger.lastOutcome(rollout.id, id, step);
      assert.ok(
        outcome === undefined || outcome.kind === 'succeeded',
        `${id} counts as done though ${step} is ${outcome?.kind ?? ''}`,
      );
    }
  }

  /** Every boot was ordered, or happened by itself; and every order is one boot. */
  #checkBoots(id: HostId): void {
    const host = this.#host(id);
    const reboots = this.#ledger.rebootsOf(id);
    assert.equal(
      host.boots - host.bootsByItself,
      reboots,
      `${id} counts as done with ${host.boots} boots, ${host.bootsByItself} by itself, after ${reboots} reboots`,
    );
  }

  /** What was undone is as it was before. */
  #checkSkipped(id: HostId, rollout: Rollout): void {
    const undone = this.#ledger.lastOutcome(rollout.id, id, 'rollback')?.kind === 'succeeded';
    for (const { name, from } of undone ? (rollout.plan.hosts.find((each) => each.host === id)?.packages ?? []) : [])
      assert.equal(this.#host(id).versions[name], from, `${id} counts as undone with another version of ${name}`);
  }

  checkEnded(rollout: Rollout): void {
    for (const { host, state } of rollout.hosts.values()) {
      const isElsewhere = this.#ledger.slots.some((slot) => slot.host === host);
      if (!isElsewhere && !this.#ledger.isReleased(host)) this.checkLetGo(host);
      assert.ok(state.kind === 'done' || state.kind === 'skipped', `the rollout ended with ${host} ${state.kind}`);
    }
  }

  #host(id: HostId): SimulatedHost {
    const host = this.#hosts.get(id);
    assert.ok(host !== undefined, `there is no host ${id}`);
    return host;
  }
}
