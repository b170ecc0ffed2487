import assert from 'node:assert/strict';
import type { HostId } from '../../../controller/core/fleet.ts';
import { majorityOf } from '../../../controller/core/quorum.ts';
import type { Effect } from './simulated-host.ts';
import type { SimulatedQuorum } from './simulated-quorum.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Members are asked this often and their word counts this long, with a request under way; then everybody can know (ms). */
const seenWithinMs = 8000;
const lookEveryMs = 250;

/** What a quorum group really is, as against what anybody says of it. */
export class QuorumTruth {
  readonly #quorum: SimulatedQuorum;
  readonly #clock: VirtualClock;
  readonly #sickSince = new Map<HostId, number>();

  constructor(quorum: SimulatedQuorum, clock: VirtualClock) {
    this.#quorum = quorum;
    this.#clock = clock;
    this.#look();
  }

  #look(): void {
    const healthy = this.#quorum.healthy();
    for (const host of this.#quorum.members) {
      if (healthy.includes(host)) this.#sickSince.delete(host);
      else if (!this.#sickSince.has(host)) this.#sickSince.set(host, this.#clock.now());
    }
    this.#clock.at(this.#clock.now() + lookEveryMs, () => this.#look());
  }

  /** Whoever stops a member leaves a majority that was not known to be gone, and does not stop the leader. */
  checkEffect({ kind, host, token }: Effect): void {
    if (!this.#quorum.voters.includes(host) || kind === 'drain' || kind === 'open' || kind === 'moveLeader') return;
    const left = this.#quorum.voters.filter((each) => each !== host && this.#sickForMs(each) <= seenWithinMs);
    const needed = majorityOf(this.#quorum.voters.length);
    const costsNothing = this.#sickForMs(host) > seenWithinMs;
    assert.ok(
      left.length >= needed || costsNothing,
      `${token} leaves ${left.join(', ')}, and ${needed} are a majority`,
    );
    if (kind === 'rollback') return;
    const leads = this.#quorum.leader === host && this.#clock.now() - this.#quorum.leadsSince > seenWithinMs;
    assert.ok(!leads, `${token} stops ${host}, which leads its group`);
  }

  /** 0 for one that has just come back, whether or not anybody has looked since. */
  #sickForMs(host: HostId): number {
    const since = this.#sickSince.get(host);
    return since === undefined || this.#quorum.healthy().includes(host) ? 0 : this.#clock.now() - since;
  }
}
