import type { RolloutFact } from '../core/event.ts';
import type { HostId } from '../core/fleet.ts';
import { majorityOf } from '../core/quorum.ts';
import type { QuorumFacts, QuorumMemberFacts } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';

/** Margins are written down this often: what a crash may lose of them (ms). */
const flushEveryMs = 2000;

type Margins = Extract<RolloutFact, { kind: 'quorumRead' }>;

/** The newest word of every member about its quorum group, and for each rollout the smallest margin since it was last written down. */
export class QuorumBoard {
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #onFact: () => void;
  readonly #quorums = new Map<string, Map<HostId, QuorumFacts>>();
  /** By rollout, then by service. */
  readonly #margins = new Map<string, { takenAt: number; readonly byService: Map<string, Margins> }>();

  constructor(clock: Clock, staleMs: number, onFact: () => void) {
    this.#clock = clock;
    this.#staleMs = staleMs;
    this.#onFact = onFact;
  }

  record(service: string, asked: HostId, members: readonly QuorumMemberFacts[], observedAt: number): void {
    const words = new Map(this.#quorums.get(service));
    // Overtaken by a newer one; one that is newer by far is from before the clock was set back.
    const newerByMs = (words.get(asked)?.observedAt ?? 0) - observedAt;
    if (newerByMs > 0 && newerByMs <= this.#staleMs) return;
    this.#quorums.set(service, words.set(asked, { observedAt, members }));
    this.#count(service, members, words);
    this.#onFact();
  }

  all(): ReadonlyMap<string, ReadonlyMap<HostId, QuorumFacts>> {
    return new Map(this.#quorums);
  }

  /** From now on margins are kept for exactly these rollouts. */
  follow(rollouts: readonly string[]): void {
    for (const id of this.#margins.keys()) if (!rollouts.includes(id)) this.#margins.delete(id);
    for (const id of rollouts)
      if (!this.#margins.has(id)) this.#margins.set(id, { takenAt: this.#clock.now(), byService: new Map() });
  }

  /** What was read since the last call, for the journal of this rollout; empty until it is worth a write, unless `all`. */
  take(rollout: string, all: boolean): readonly RolloutFact[] {
    const margins = this.#margins.get(rollout);
    const now = this.#clock.now();
    if (margins === undefined || (!all && now - margins.takenAt < flushEveryMs)) return [];
    margins.takenAt = now;
    const taken = [...margins.byService.values()];
    margins.byService.clear();
    return taken;
  }

  /** One that sees no leader has just come back, or is cut off: it is no witness against the others while any of them sees one. */
  #count(service: string, members: readonly QuorumMemberFacts[], words: ReadonlyMap<HostId, QuorumFacts>): void {
    if (!seesLeader(members) && [...words.values()].some((each) => this.#isFresh(each) && seesLeader(each.members)))
      return;
    const { voters, margin } = marginOf(members);
    for (const { byService } of this.#margins.values()) {
      const old = byService.get(service);
      byService.set(service, {
        kind: 'quorumRead',
        service,
        voters,
        marginMin: Math.min(old?.marginMin ?? margin, margin),
        readings: (old?.readings ?? 0) + 1,
      });
    }
  }

  #isFresh({ observedAt }: QuorumFacts): boolean {
    return this.#clock.now() - observedAt <= this.#staleMs;
  }
}

function seesLeader(members: readonly QuorumMemberFacts[]): boolean {
  return members.some((each) => each.leader);
}

function marginOf(members: readonly QuorumMemberFacts[]): { readonly voters: number; readonly margin: number } {
  const voters = members.filter((each) => each.voter);
  return { voters: voters.length, margin: voters.filter((each) => each.healthy).length - majorityOf(voters.length) };
}
