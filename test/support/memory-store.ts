import { chainHash, chainStart, firstBroken } from '../../controller/adapters/store/journal-chain.ts';
import type { JournalRow } from '../../controller/adapters/store/journal-chain.ts';
import { changeSlots } from '../../controller/adapters/store/slot-changes.ts';
import type { RolloutEvent } from '../../controller/core/event.ts';
import type { Host, HostId } from '../../controller/core/fleet.ts';
import type { HostReport } from '../../controller/core/inventory.ts';
import type { Plan } from '../../controller/core/plan.ts';
import { type QuarantinedVersion, quarantinedBy } from '../../controller/core/quarantine.ts';
import { type VersionedPackage, versionKey } from '../../controller/core/versioned-package.ts';
import type { Halt, Slot } from '../../controller/core/world.ts';
import { StaleEpochError } from '../../controller/ports/store.ts';
import type { CommitRequest, CommitResult, Invitation, Store } from '../../controller/ports/store.ts';
import { assertInvariant } from '../../lib/invariant-error.ts';

/**
 * A store that survives its controller but not the process: for tests and the simulator. Several controllers may share one;
 * each `becomeLeader` supersedes the one before, as after a crash. Contents are kept as text, so nobody shares objects with it.
 */
export class MemoryStore implements Store {
  readonly #now: () => number;
  readonly #journals = new Map<string, JournalRow[]>();
  readonly #plans = new Map<string, string>();
  readonly #hosts = new Map<HostId, string>();
  readonly #reports = new Map<HostId, string>();
  readonly #invitations = new Map<string, Invitation>();
  readonly #offered = new Map<string, number>();
  readonly #quarantine = new Map<string, QuarantinedVersion>();
  #halt: Halt | null = null;
  #slots: readonly Slot[] = [];
  #epoch = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async becomeLeader(_holder: string): Promise<number> {
    this.#epoch = Math.max(this.#epoch + 1, this.#now());
    return this.#epoch;
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    const { epoch, rollout, expectedCount, events } = request;
    if (epoch !== this.#epoch) throw new StaleEpochError(epoch);
    const rows = this.#journals.get(rollout) ?? [];
    assertInvariant(
      rows.length === expectedCount,
      `${rollout} has ${rows.length} events, its writer knows ${expectedCount}`,
    );
    const change = changeSlots(this.#slots, request);
    if (change.kind === 'refused') return change;
    this.#slots = change.slots;
    for (const event of events) append(rows, rollout, event);
    this.#journals.set(rollout, rows);
    await this.saveQuarantine(quarantinedBy(events));
    return { kind: 'committed', slots: change.slots };
  }

  async events(rollout: string): Promise<readonly RolloutEvent[]> {
    return (this.#journals.get(rollout) ?? []).map(({ body }) => JSON.parse(body) as RolloutEvent);
  }

  async rollouts(filter: 'open' | 'all'): Promise<readonly string[]> {
    const newestFirst = [...this.#journals.keys()].toReversed();
    return filter === 'all' ? newestFirst : newestFirst.filter((id) => !isEnded(this.#journals.get(id) ?? []));
  }

  async slots(): Promise<readonly Slot[]> {
    return this.#slots;
  }

  async verifyJournal(rollout: string): Promise<{ readonly events: number; readonly firstBroken: number | null }> {
    const rows = this.#journals.get(rollout) ?? [];
    return { events: rows.length, firstBroken: firstBroken(rows, rows.at(-1)?.hash ?? chainStart, rows.length) };
  }

  async savePlan(plan: Plan): Promise<void> {
    if (!this.#plans.has(plan.hash)) this.#plans.set(plan.hash, JSON.stringify(plan));
  }

  async findPlan(hashPrefix: string): Promise<Plan | null> {
    const found = hashPrefix.length < 4 ? [] : [...this.#plans].filter(([hash]) => hash.startsWith(hashPrefix));
    const only = found.length === 1 ? found[0] : undefined;
    return only === undefined ? null : (JSON.parse(only[1]) as Plan);
  }

  async newestPlans(limit: number): Promise<readonly string[]> {
    const plans = [...this.#plans.values()].map((body) => JSON.parse(body) as Plan);
    return plans
      .toSorted((one, other) => other.createdAt - one.createdAt || (one.hash < other.hash ? -1 : 1))
      .slice(0, limit)
      .map(({ hash }) => hash);
  }

  async saveHost(host: Host): Promise<void> {
    this.#hosts.set(host.id, JSON.stringify(host));
  }

  async hosts(): Promise<readonly Host[]> {
    return byKey(this.#hosts).map(([, body]) => JSON.parse(body) as Host);
  }

  async removeHost(host: HostId): Promise<boolean> {
    this.#reports.delete(host);
    for (const [key, invitation] of this.#invitations) if (invitation.host === host) this.#invitations.delete(key);
    return this.#hosts.delete(host);
  }

  async saveReport(host: HostId, report: HostReport): Promise<void> {
    this.#reports.set(host, JSON.stringify(report));
    for (const { name, offers } of report.survey?.packages ?? []) {
      for (const { version } of offers) {
        const key = `${name}=${version}`;
        if (!this.#offered.has(key)) this.#offered.set(key, report.receivedAt);
      }
    }
  }

  async firstOffered(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#offered);
  }

  async saveHalt(halt: Halt | null): Promise<void> {
    this.#halt = halt;
  }

  async halt(): Promise<Halt | null> {
    return this.#halt;
  }

  async saveQuarantine(versions: readonly QuarantinedVersion[]): Promise<void> {
    for (const each of versions)
      if (!this.#quarantine.has(versionKey(each))) this.#quarantine.set(versionKey(each), each);
  }

  async liftQuarantine(version: VersionedPackage): Promise<QuarantinedVersion | null> {
    const lifted = this.#quarantine.get(versionKey(version)) ?? null;
    this.#quarantine.delete(versionKey(version));
    return lifted;
  }

  async quarantine(): Promise<readonly QuarantinedVersion[]> {
    return [...this.#quarantine.values()].toSorted(
      (one, other) => other.since - one.since || (versionKey(one) < versionKey(other) ? -1 : 1),
    );
  }

  async reports(): Promise<ReadonlyMap<HostId, HostReport>> {
    return new Map(byKey(this.#reports).map(([host, body]) => [host, JSON.parse(body) as HostReport]));
  }

  async saveInvitation(invitation: Invitation): Promise<void> {
    for (const [key, { host }] of this.#invitations) if (host === invitation.host) this.#invitations.delete(key);
    this.#invitations.set(invitation.tokenSha256, invitation);
  }

  async useInvitation(tokenSha256: string, now: number): Promise<HostId | null> {
    const invitation = this.#invitations.get(tokenSha256);
    this.#invitations.delete(tokenSha256);
    return invitation === undefined || invitation.expiresAt <= now ? null : invitation.host;
  }

  async close(): Promise<void> {
    // Nothing to let go of: a controller that starts again opens the same store.
  }
}

function append(rows: JournalRow[], rollout: string, event: RolloutEvent): void {
  const row = { rollout, seq: rows.length + 1, body: JSON.stringify(event) };
  rows.push({ ...row, hash: chainHash(rows.at(-1)?.hash ?? chainStart, row) });
}

function isEnded(rows: readonly JournalRow[]): boolean {
  return rows.some(({ body }) => (JSON.parse(body) as RolloutEvent).kind === 'ended');
}

function byKey(entries: ReadonlyMap<string, string>): [string, string][] {
  return [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
