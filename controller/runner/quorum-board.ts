import type { RolloutFact } from '../core/event.ts';
import type { HostId } from '../core/fleet.ts';
import { majorityOf } from '../core/quorum.ts';
import type { QuorumFacts, QuorumMemberFacts } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';

/** Margins are written down this often: what a crash may lose of them (ms). */
const flushEveryMs = 2000;

type Margins = Extract<RolloutFact, { kind: 'quorumRead' }>;

/** The newest word of every member about its quorum group, and the smallest margin since it was last written down. */
export class QuorumBoard {
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #onFact: () => void;
  readonly #quorums = new Map<string, Map<HostId, QuorumFacts>>();
  readonly #margins = new Map<string, Margins>();
  #takenAt = 0;

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

  /** What was read since the last call, for the journal; empty until it is worth a write, unless `all`. */
  take(all: boolean): readonly RolloutFact[] {
    const now = this.#clock.now();
    if (!all && now - this.#takenAt < flushEveryMs) return [];
    this.#takenAt = now;
    const taken = [...this.#margins.values()];
    this.#margins.clear();
    return taken;
  }

  /** One that sees no leader has just come back, or is cut off: it is no witness against the others while any of them sees one. */
  #count(service: string, members: readonly QuorumMemberFacts[], words: ReadonlyMap<HostId, QuorumFacts>): void {
    if (!seesLeader(members) && [...words.values()].some((each) => this.#isFresh(each) && seesLeader(each.members)))
      return;
    const { voters, margin } = marginOf(members);
    const old = this.#margins.get(service);
    this.#margins.set(service, {
      kind: 'quorumRead',
      service,
      voters,
      marginMin: Math.min(old?.marginMin ?? margin, margin),
      readings: (old?.readings ?? 0) + 1,
    });
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
