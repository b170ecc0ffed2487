import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertInvariant } from '../../../lib/invariant-error.ts';
import type { RolloutEvent } from '../../core/event.ts';
import type { Host, HostId } from '../../core/fleet.ts';
import type { HostReport } from '../../core/inventory.ts';
import type { Plan } from '../../core/plan.ts';
import { type QuarantinedVersion, quarantinedBy } from '../../core/quarantine.ts';
import type { VersionedPackage } from '../../core/versioned-package.ts';
import type { Halt, Slot } from '../../core/world.ts';
import { StaleEpochError } from '../../ports/store.ts';
import type { CommitRequest, CommitResult, Invitation, Store } from '../../ports/store.ts';
import { checkFile } from './check-file.ts';
import { chainHash, chainStart, firstBroken } from './journal-chain.ts';
import type { JournalRow } from './journal-chain.ts';
import { createPrivateFile } from './private-file.ts';
import { takeProcessLock } from './process-lock.ts';
import type { ProcessLock } from './process-lock.ts';
import { migrate } from './schema.ts';
import { changeSlots } from './slot-changes.ts';

/** A writer of another process (a backup) may hold the file this long before we give up (ms). The event loop stands still meanwhile. */
const busyTimeoutMs = 2000;
/** Shorter prefixes of a plan's hash are not looked up: they would match by accident. */
const hashPrefixLengthMin = 4;

const quarantineColumns = 'package AS name, version, since, by, text';

export interface SqliteStoreOptions {
  /** The state directory; made if it is not there. */
  readonly directory: string;
  /** UTC ms. */
  readonly now: () => number;
}

interface RolloutRow {
  readonly event_count: number;
  readonly head_hash: string;
}

/**
 * Opens (and makes, and migrates) the journal in `directory`. Throws ZdmsError ZDMS_STORE_DAMAGED when SQLite finds the file
 * inconsistent, ZDMS_STORE_TOO_NEW for the file of a newer zdms.
 */
export function openSqliteStore({ directory, now }: SqliteStoreOptions): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'zdms.sqlite');
  createPrivateFile(file);
  const database = new Database(file, { timeout: busyTimeoutMs });
  try {
    checkFile(database, file);
    database.pragma('journal_mode = WAL');
    // FULL: an intent that was acknowledged has to survive a power cut, or its effect would be done twice.
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database, file);
  } catch (error) {
    database.close();
    throw error;
  }
  return new SqliteStore(database, directory, now);
}

class SqliteStore implements Store {
  readonly #database: Database.Database;
  readonly #directory: string;
  readonly #now: () => number;
  #lock: ProcessLock | null = null;
  /** Epoch under which this store leads; null: it never led (a controller that only serves, a test). */
  #epoch: number | null = null;

  constructor(database: Database.Database, directory: string, now: () => number) {
    this.#database = database;
    this.#directory = directory;
    this.#now = now;
  }

  async becomeLeader(holder: string): Promise<number> {
    this.#lock ??= takeProcessLock(this.#directory);
    this.#epoch = this.#write(null, () => {
      const epoch = Math.max(this.#storedEpoch() + 1, this.#now());
      this.#run('UPDATE leader SET epoch = ?, holder = ?', epoch, holder);
      return epoch;
    });
    return this.#epoch;
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    return this.#write(request.epoch, () => this.#commit(request));
  }

  async events(rollout: string): Promise<readonly RolloutEvent[]> {
    return this.#rows(rollout).map(({ body }) => JSON.parse(body) as RolloutEvent);
  }

  async rollouts(filter: 'open' | 'all'): Promise<readonly string[]> {
    const highestEnded = filter === 'open' ? 0 : 1;
    return this.#column('SELECT id FROM rollout WHERE ended <= ? ORDER BY number DESC', highestEnded);
  }

  async slots(): Promise<readonly Slot[]> {
    return this.#slots();
  }

  async verifyJournal(rollout: string): Promise<{ readonly events: number; readonly firstBroken: number | null }> {
    const rows = this.#rows(rollout);
    const { head_hash: head, event_count: count } = this.#rolloutRow(rollout);
    return { events: rows.length, firstBroken: firstBroken(rows, head, count) };
  }

  async savePlan(plan: Plan): Promise<void> {
    this.#write(this.#epoch, () =>
      this.#run('INSERT OR IGNORE INTO plan VALUES (?, ?)', plan.hash, JSON.stringify(plan)),
    );
  }

  async findPlan(hashPrefix: string): Promise<Plan | null> {
    if (hashPrefix.length < hashPrefixLengthMin || !/^[0-9a-f]+$/.test(hashPrefix)) return null;
    const [only, ...others] = this.#column(
      'SELECT body FROM plan WHERE substr(hash, 1, ?) = ? LIMIT 2',
      hashPrefix.length,
      hashPrefix,
    );
    return only === undefined || others.length > 0 ? null : (JSON.parse(only) as Plan);
  }

  async newestPlans(limit: number): Promise<readonly string[]> {
    return this.#column('SELECT hash FROM plan ORDER BY created_at DESC, hash LIMIT ?', limit);
  }

  async saveHost(host: Host): Promise<void> {
    this.#write(this.#epoch, () =>
      this.#run('INSERT OR REPLACE INTO host VALUES (?, ?)', host.id, JSON.stringify(host)),
    );
  }

  async hosts(): Promise<readonly Host[]> {
    return this.#column('SELECT body FROM host ORDER BY id').map((body) => JSON.parse(body) as Host);
  }

  async removeHost(host: HostId): Promise<boolean> {
    return this.#write(this.#epoch, () => {
      this.#run('DELETE FROM report WHERE host = ?', host);
      this.#run('DELETE FROM invitation WHERE host = ?', host);
      return this.#database.prepare('DELETE FROM host WHERE id = ?').run(host).changes > 0;
    });
  }

  async saveReport(host: HostId, report: HostReport): Promise<void> {
    this.#write(this.#epoch, () => {
      this.#run('INSERT OR REPLACE INTO report VALUES (?, ?)', host, JSON.stringify(report));
      const offer = this.#database.prepare('INSERT OR IGNORE INTO offer VALUES (?, ?, ?)');
      for (const { name, offers } of report.survey?.packages ?? [])
        for (const { version } of offers) offer.run(name, version, report.receivedAt);
    });
  }

  async firstOffered(): Promise<ReadonlyMap<string, number>> {
    const rows = this.#database.prepare("SELECT package || '=' || version AS key, first_at AS at FROM offer").all() as {
      key: string;
      at: number;
    }[];
    return new Map(rows.map(({ key, at }) => [key, at]));
  }

  async saveHalt(halt: Halt | null): Promise<void> {
    this.#write(this.#epoch, () => {
      this.#run('DELETE FROM halt');
      if (halt !== null) this.#run('INSERT INTO halt VALUES (1, ?, ?, ?)', halt.since, halt.by, halt.text);
    });
  }

  async halt(): Promise<Halt | null> {
    return (this.#database.prepare('SELECT since, by, text FROM halt').get() as Halt | undefined) ?? null;
  }

  async saveQuarantine(versions: readonly QuarantinedVersion[]): Promise<void> {
    this.#write(this.#epoch, () => this.#quarantine(versions));
  }

  async liftQuarantine({ name, version }: VersionedPackage): Promise<QuarantinedVersion | null> {
    return this.#write(this.#epoch, () => {
      const lifted = this.#database
        .prepare(`DELETE FROM quarantine WHERE package = ? AND version = ? RETURNING ${quarantineColumns}`)
        .get(name, version);
      return (lifted as QuarantinedVersion | undefined) ?? null;
    });
  }

  async quarantine(): Promise<readonly QuarantinedVersion[]> {
    return this.#database
      .prepare(`SELECT ${quarantineColumns} FROM quarantine ORDER BY since DESC, package, version`)
      .all() as QuarantinedVersion[];
  }

  async reports(): Promise<ReadonlyMap<HostId, HostReport>> {
    const rows = this.#database.prepare('SELECT host, body FROM report ORDER BY host').all() as {
      host: string;
      body: string;
    }[];
    return new Map(rows.map(({ host, body }) => [host, JSON.parse(body) as HostReport]));
  }

  async saveInvitation({ tokenSha256, host, expiresAt }: Invitation): Promise<void> {
    this.#write(this.#epoch, () => {
      // A new invitation ends those before it: of several installations of one host the last one counts.
      this.#run('DELETE FROM invitation WHERE host = ? OR expires_at <= ?', host, this.#now());
      this.#run('INSERT INTO invitation VALUES (?, ?, ?)', tokenSha256, host, expiresAt);
    });
  }

  async useInvitation(tokenSha256: string, now: number): Promise<HostId | null> {
    return this.#write(this.#epoch, () => {
      const used = this.#database
        .prepare('DELETE FROM invitation WHERE token_sha256 = ? RETURNING host, expires_at')
        .get(tokenSha256) as { host: string; expires_at: number } | undefined;
      return used === undefined || used.expires_at <= now ? null : used.host;
    });
  }

  async close(): Promise<void> {
    this.#database.close();
    this.#lock?.release();
    this.#lock = null;
  }

  #commit(request: CommitRequest): CommitResult {
    const { rollout, expectedCount, events } = request;
    const before = this.#rolloutRow(rollout);
    assertInvariant(
      before.event_count === expectedCount,
      `${rollout} has ${before.event_count} events, its writer knows ${expectedCount}`,
    );
    const present = this.#slots();
    const change = changeSlots(present, request);
    if (change.kind === 'refused') return change;
    this.#append(rollout, before, events);
    this.#quarantine(quarantinedBy(events));
    this.#replaceSlots(present, change.slots);
    return { kind: 'committed', slots: change.slots };
  }

  #append(rollout: string, before: RolloutRow, events: readonly RolloutEvent[]): void {
    if (before.event_count === 0)
      this.#run('INSERT INTO rollout (id, event_count, head_hash, ended) VALUES (?, 0, ?, 0)', rollout, chainStart);
    const insert = this.#database.prepare('INSERT INTO event VALUES (?, ?, ?, ?)');
    let head = before.head_hash;
    for (const [index, event] of events.entries()) {
      const row = { rollout, seq: before.event_count + index + 1, body: JSON.stringify(event) };
      head = chainHash(head, row);
      insert.run(rollout, row.seq, row.body, head);
    }
    const ended = events.some(({ kind }) => kind === 'ended') ? 1 : 0;
    this.#run(
      'UPDATE rollout SET event_count = ?, head_hash = ?, ended = max(ended, ?) WHERE id = ?',
      before.event_count + events.length,
      head,
      ended,
      rollout,
    );
  }

  #quarantine(versions: readonly QuarantinedVersion[]): void {
    for (const { name, version, since, by, text } of versions)
      this.#run('INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?, ?)', name, version, since, by, text);
  }

  #replaceSlots(before: readonly Slot[], after: readonly Slot[]): void {
    for (const { host } of before.filter((slot) => !after.includes(slot)))
      this.#run('DELETE FROM slot WHERE host = ?', host);
    for (const slot of after.filter((one) => !before.includes(one))) {
      this.#run('INSERT INTO slot VALUES (?, ?, ?)', slot.host, slot.rollout, slot.takenAt);
    }
  }

  /**
   * Every write goes through here: the write lock first (a plain BEGIN would take it only at the first write, after the epoch was
   * read), then the epoch, then the work. `epoch` null: the caller does not lead and writes nothing that needs a leader.
   */
  #write<Result>(epoch: number | null, work: () => Result): Result {
    const transaction = this.#database.transaction(() => {
      if (epoch !== null && this.#storedEpoch() !== epoch) throw new StaleEpochError(epoch);
      return work();
    });
    return transaction.immediate();
  }

  #storedEpoch(): number {
    return Number(this.#database.prepare('SELECT epoch FROM leader').pluck().get());
  }

  #rolloutRow(rollout: string): RolloutRow {
    const row = this.#database.prepare('SELECT event_count, head_hash FROM rollout WHERE id = ?').get(rollout);
    return (row as RolloutRow | undefined) ?? { event_count: 0, head_hash: chainStart };
  }

  #rows(rollout: string): readonly JournalRow[] {
    return this.#database
      .prepare('SELECT rollout, seq, body, hash FROM event WHERE rollout = ? ORDER BY seq')
      .all(rollout) as JournalRow[];
  }

  #slots(): readonly Slot[] {
    return this.#database
      .prepare('SELECT host, rollout, taken_at AS takenAt FROM slot ORDER BY taken_at, host')
      .all() as Slot[];
  }

  #column(sql: string, ...parameters: readonly (string | number)[]): readonly string[] {
    return this.#database
      .prepare(sql)
      .pluck()
      .all(...parameters) as string[];
  }

  #run(sql: string, ...parameters: readonly (string | number)[]): void {
    this.#database.prepare(sql).run(...parameters);
  }
}
