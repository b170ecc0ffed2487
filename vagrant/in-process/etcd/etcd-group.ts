/** A member as its group sees it. */
export interface EtcdVoter {
  readonly name: string;
  readonly id: bigint;
  readonly clientUrl: string;
  /** It runs, and its network does too. */
  readonly isReachable: boolean;
  /** It runs: it answers on its own host, whatever its network does. */
  readonly isRunning: boolean;
  /** It takes no new entries, though it answers: its lag grows. */
  readonly isStuck: boolean;
}

/** What a member knows of itself and its leader. `leader` 0: none. */
export interface EtcdView {
  readonly leader: bigint;
  readonly term: bigint;
  readonly index: number;
}

interface Entry {
  readonly key: string;
  readonly value: string;
}

const TICK_MS = 50;

/**
 * The consensus of a simulated etcd: one log, and how far each member has it. An entry is acknowledged when a majority has it; a leader
 * that its majority cannot reach is replaced after `electionMs`, and until then nobody leads.
 */
export class EtcdGroup {
  readonly #voters: EtcdVoter[] = [];
  readonly #log: Entry[] = [];
  readonly #indexes = new Map<bigint, number>();
  readonly #electionMs: number;
  #leader: EtcdVoter | null = null;
  #term = 1n;
  #leaderlessMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(electionMs: number) {
    this.#electionMs = electionMs;
  }

  get voters(): readonly EtcdVoter[] {
    return this.#voters;
  }

  /** Who leads now; null while nobody does. */
  get leader(): string | null {
    return this.#leader?.name ?? null;
  }

  join(voter: EtcdVoter): void {
    this.#voters.push(voter);
    this.#indexes.set(voter.id, 0);
  }

  /** A group that is all there has a leader at once. Until `stop` it elects and catches up by itself. */
  start(): void {
    if (this.#voters.length === 0) return;
    this.#elect();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  view(voter: EtcdVoter): EtcdView {
    const leader = this.#follows(voter) ? (this.#leader?.id ?? 0n) : 0n;
    return { leader, term: this.#term, index: this.#indexes.get(voter.id) ?? 0 };
  }

  /** False when there is no majority for it now: nothing was written. */
  put(through: EtcdVoter, entry: Entry): boolean {
    const taking = this.#reachable.filter((voter) => !voter.isStuck).length;
    if (!this.#follows(through) || taking <= this.#voters.length / 2) return false;
    this.#log.push(entry);
    this.#replicate();
    return true;
  }

  /** All entries under a prefix, newest value each, as a majority has them; null when there is no majority to ask. */
  range(through: EtcdVoter, prefix: string): ReadonlyMap<string, string> | null {
    if (!this.#follows(through)) return null;
    return new Map(this.#log.filter(({ key }) => key.startsWith(prefix)).map(({ key, value }) => [key, value]));
  }

  /** Hands leadership over; null, or why not in etcd's words. */
  moveLeader(from: EtcdVoter, to: bigint): string | null {
    const target = this.#voters.find((voter) => voter.id === to);
    if (this.#leader !== from) return 'Error: no leader endpoint found';
    if (target === undefined || !target.isReachable)
      return 'Error: etcdserver: request timed out, leader transfer took too long';
    if ((this.#indexes.get(to) ?? 0) < this.#log.length) return 'Error: etcdserver: leader transfer failed: it lags';
    this.#leader = target;
    this.#term += 1n;
    return null;
  }

  get #reachable(): readonly EtcdVoter[] {
    return this.#voters.filter((voter) => voter.isReachable);
  }

  get #hasMajority(): boolean {
    return this.#reachable.length > this.#voters.length / 2;
  }

  #follows(voter: EtcdVoter): boolean {
    return voter.isReachable && this.#leader?.isReachable === true && this.#hasMajority;
  }

  #tick(): void {
    this.#replicate();
    if (this.#leader?.isReachable === true && this.#hasMajority) {
      this.#leaderlessMs = null;
      return;
    }
    this.#leaderlessMs ??= performance.now();
    if (performance.now() - this.#leaderlessMs >= this.#electionMs) this.#elect();
  }

  #elect(): void {
    const candidates = this.#reachable.filter((voter) => this.#indexes.get(voter.id) === this.#furthest);
    if (!this.#hasMajority || candidates[0] === undefined) return;
    this.#leader = candidates[0];
    this.#term += 1n;
    this.#leaderlessMs = null;
  }

  /** The last entry that a majority may have acknowledged: a new leader must have it. */
  get #furthest(): number {
    return Math.max(...this.#indexes.values());
  }

  #replicate(): void {
    if (this.#leader?.isReachable !== true || !this.#hasMajority) return;
    for (const voter of this.#reachable) if (!voter.isStuck) this.#indexes.set(voter.id, this.#log.length);
  }
}
