import type { QuorumMember } from '../../../proto/zdms/v1/executor.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import { majorityOf } from '../../../controller/core/quorum.ts';
import type { FaultScript } from './faults.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The group looks around this often (ms). */
const tickMs = 250;
/** Without a word from a majority for so long, nobody leads any more and the others elect (ms). */
const electionMs = 1000;
/** Entries written by users with every tick, and how fast a member that was away catches up. */
const writesPerTick = 100;
const catchUpPerTick = 2000;
/** A member further behind cannot help the others to agree on what is new. */
const helpsWithin = 512;

/** What the group needs of the host that a member runs on. */
interface MemberHost {
  readonly id: HostId;
  readonly isHealthy: boolean;
}

interface Member {
  readonly host: MemberHost;
  /** Entries of the log that it has. */
  applied: number;
  /** When it last heard of a majority, itself included. */
  heardAt: number;
}

/** A group that votes (etcd, as far as a rollout meets it): who is alive, who leads, who is behind, and each one's own view of it. */
export class SimulatedQuorum {
  leader: HostId | null;
  /** When the leader took over. */
  leadsSince: number;
  #head = 0;
  /** When the leader was lost; null while there is one. */
  #lostAt: number | null = null;
  readonly #members: readonly Member[];
  readonly #learners: ReadonlySet<HostId>;
  readonly #witnesses: ReadonlySet<HostId>;
  readonly #clock: VirtualClock;
  readonly #faults: FaultScript;
  readonly #random: SeededRandom;

  constructor(
    hosts: readonly MemberHost[],
    clock: VirtualClock,
    faults: FaultScript,
    random: SeededRandom,
    {
      learners = [],
      witnesses = [],
    }: { readonly learners?: readonly HostId[]; readonly witnesses?: readonly HostId[] } = {},
  ) {
    this.#learners = new Set(learners);
    this.#witnesses = new Set(witnesses);
    this.#members = hosts.map((host) => ({ host, applied: 0, heardAt: clock.now() }));
    this.#clock = clock;
    this.#faults = faults;
    this.#random = random;
    this.leader = hosts.find((host) => this.#mayLead(host.id))?.id ?? null;
    this.leadsSince = clock.now();
    this.#tick();
  }

  get members(): readonly HostId[] {
    return this.#members.map((member) => member.host.id);
  }

  has(host: HostId): boolean {
    return this.members.includes(host);
  }

  /** Members with a vote. */
  get voters(): readonly HostId[] {
    return this.members.filter((host) => this.votes(host));
  }

  votes(host: HostId): boolean {
    return !this.#learners.has(host);
  }

  #mayLead(host: HostId): boolean {
    return this.votes(host) && !this.#witnesses.has(host);
  }

  /** Members that run, reach each other and can agree on what is new. */
  healthy(): readonly HostId[] {
    return this.#connected()
      .filter((member) => this.#head - member.applied <= helpsWithin)
      .map((member) => member.host.id);
  }

  /** What this member says of the group; null: it has nothing to say, as it is down, alone or without a leader. */
  view(asked: HostId): readonly QuorumMember[] | null {
    const self = this.#members.find((member) => member.host.id === asked);
    if (self?.host.isHealthy !== true || this.leader === null) return null;
    if (this.#clock.now() - self.heardAt >= electionMs) return null;
    const seen = this.#isCut(self) ? [self] : this.#connected();
    const furthest = Math.max(...seen.map((member) => member.applied));
    return this.#members.map((member) => ({
      name: member.host.id,
      voter: this.votes(member.host.id),
      healthy: seen.includes(member),
      leader: member.host.id === this.leader,
      lag: seen.includes(member) ? furthest - member.applied : null,
      detail: seen.includes(member) ? '' : 'it does not answer',
    }));
  }

  /** Who is a member and who votes, in truth. */
  roll(): readonly QuorumMember[] {
    return this.members.map((name) => ({
      ...{ name, voter: this.votes(name), healthy: true, leader: name === this.leader, lag: 0, detail: '' },
    }));
  }

  /** Hands leadership over, as the leader is told to; false where that cannot be. */
  move(to: HostId): boolean {
    if (!this.#mayLead(to) || !this.healthy().includes(to) || this.#lostAt !== null) return false;
    this.elect(to);
    return true;
  }

  /** The group has chosen. */
  elect(host: HostId): void {
    if (!this.#mayLead(host) || !this.#connected().some((member) => member.host.id === host)) return;
    this.#lostAt = null;
    if (this.leader === host) return;
    this.leader = host;
    this.leadsSince = this.#clock.now();
  }

  #tick(): void {
    const connected = this.#connected();
    const agrees = connected.filter(({ host }) => this.votes(host.id)).length >= majorityOf(this.voters.length);
    for (const member of agrees ? connected : []) member.heardAt = this.#clock.now();
    this.#watchLeader(connected, agrees);
    if (this.leader !== null && this.#lostAt === null) this.#write(connected);
    this.#clock.at(this.#clock.now() + tickMs, () => this.#tick());
  }

  #watchLeader(connected: readonly Member[], agrees: boolean): void {
    if (agrees && connected.some((member) => member.host.id === this.leader)) {
      this.#lostAt = null;
      return;
    }
    this.#lostAt ??= this.#clock.now();
    if (this.#clock.now() - this.#lostAt < electionMs) return;
    const leaders = connected.filter((member) => this.#mayLead(member.host.id));
    const furthest = Math.max(...leaders.map((member) => member.applied));
    const fit = leaders.filter((member) => member.applied === furthest);
    if (agrees && fit.length > 0) this.elect(this.#random.pick(fit).host.id);
    else this.leader = null;
  }

  #write(connected: readonly Member[]): void {
    this.#head += writesPerTick;
    for (const member of connected)
      if (member.host.id === this.leader || !this.#faults.holds('member-lags', member.host.id))
        member.applied = Math.min(this.#head, member.applied + catchUpPerTick);
  }

  #connected(): readonly Member[] {
    return this.#members.filter((member) => member.host.isHealthy && !this.#isCut(member));
  }

  #isCut(member: Member): boolean {
    return this.#faults.holds('member-cut', member.host.id);
  }
}
