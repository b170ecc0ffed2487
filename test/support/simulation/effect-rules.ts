import assert from 'node:assert/strict';
import type { HostId } from '../../../controller/core/fleet.ts';
import type { Entered, Ledger } from './ledger.ts';
import type { Effect, SimulatedHost } from './simulated-host.ts';

/** A balancer that forgot a drain is told again within this time (ms). */
const toldAgainWithinMs = 10_000;

/** What must hold whenever a host does something to its users. */
export class EffectRules {
  readonly #ledger: Ledger;
  readonly #hosts: ReadonlyMap<HostId, SimulatedHost>;
  readonly #balancers: readonly SimulatedHost[];
  readonly #now: () => number;
  readonly #tokensSpent = new Set<string>();
  /** By rollout and host: something was done to it that nobody has looked at since. */
  readonly #unproven = new Set<string>();

  constructor(ledger: Ledger, hosts: ReadonlyMap<HostId, SimulatedHost>, now: () => number) {
    this.#ledger = ledger;
    this.#hosts = hosts;
    this.#balancers = [...hosts.values()].filter((host) => host.parts.balancer !== null);
    this.#now = now;
  }

  /** A host passed its verification. */
  proven(rollout: string, host: HostId): void {
    this.#unproven.delete(`${rollout}/${host}`);
  }

  check(effect: Effect): void {
    const entered = this.#ledger.entered(effect.token);
    assert.ok(entered !== undefined, `${effect.token} has an effect before its intent is on disk`);
    const plan = this.#ledger.rollouts.get(entered.rollout)?.plan.hash;
    assert.equal(effect.plan, plan, `${effect.token} goes by another plan than its rollout`);
    if (effect.kind === 'open') return this.#checkProven(effect, entered);
    assert.ok(
      this.#ledger.holdsSlot(effect.host, entered.rollout),
      `${effect.token} harms ${effect.host}, which holds no slot`,
    );
    if (effect.kind === 'moveLeader') return;
    assert.ok(!this.#tokensSpent.has(effect.token), `${effect.token} has its effect twice`);
    this.#tokensSpent.add(effect.token);
    if (effect.kind === 'drain') return;
    this.#unproven.add(`${entered.rollout}/${effect.host}`);
    this.#checkUsersAreAway(effect);
  }

  /** No host gets its users back before somebody has looked whether it is well. */
  #checkProven({ token, host, restore }: Effect, { rollout }: Entered): void {
    if (restore === 'ready')
      assert.ok(!this.#unproven.has(`${rollout}/${host}`), `${token} lets users on ${host}, which nobody has verified`);
  }

  /** A host is patched or rebooted only when no balancer sends it users, unless that has just forgotten the drain or cannot be told. */
  #checkUsersAreAway({ token, host }: Effect): void {
    for (const { parts, answersShell, id } of this.#balancers) {
      const { balancer, faults } = parts;
      if (balancer?.has(host) !== true || balancer.adminOf(host) !== 'ready') continue;
      const forgotMs = this.#now() - balancer.setByOthersAt(host);
      const cannotBeTold = !answersShell || faults.holds('shows-old', id);
      assert.ok(
        forgotMs <= toldAgainWithinMs || cannotBeTold,
        `${token} harms ${host}, which ${id} still sends users to`,
      );
    }
  }

  /** Whoever is away because of us holds a slot and is owed a way back, or is a person's by that person's word. */
  checkTaken(host: HostId): void {
    if (this.#ledger.isReleased(host)) return;
    const holder = this.#ledger.slots.find((slot) => slot.host === host);
    const { disruptedBy } = this.#hosts.get(host) ?? {};
    assert.ok(
      disruptedBy === null || holder !== undefined,
      `${host} is in the middle of ${disruptedBy} and holds no slot`,
    );
    const obligations = this.#ledger.rollouts.get(holder?.rollout ?? '')?.obligations;
    for (const { parts, id } of this.#balancers) {
      if (parts.balancer?.isTakenBy(host, 'zdms') !== true) continue;
      const owed = [...(obligations?.values() ?? [])].some((each) => each.host === host && each.balancer === id);
      assert.ok(owed, `${host} is drained on ${id} by us, and nobody owes it a way back`);
    }
  }
}
