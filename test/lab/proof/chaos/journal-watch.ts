import Database from 'better-sqlite3';
import type { RolloutEvent } from '../../../../controller/core/event.ts';

/**
 * Reads the controller's journal beside it, from its SQLite file: the controller is neither asked nor slowed down, and what it has
 * committed is seen within milliseconds, also when it dies right after.
 */
export class JournalWatch {
  readonly #database: Database.Database;
  readonly #newest: Database.Statement<[], string>;
  readonly #after: Database.Statement<[string, number], { readonly seq: number; readonly body: string }>;
  #rollout: string | null = null;
  #seq = -1;

  /** @param file of the controller's store; it has to exist. */
  constructor(file: string) {
    this.#database = new Database(file, { readonly: true });
    this.#newest = this.#database.prepare<[], string>('SELECT id FROM rollout ORDER BY number DESC LIMIT 1').pluck();
    this.#after = this.#database.prepare('SELECT seq, body FROM event WHERE rollout = ? AND seq > ? ORDER BY seq');
  }

  /** The events of the newest rollout that this has not returned yet, oldest first. */
  read(): readonly RolloutEvent[] {
    const newest = this.#newest.get();
    if (newest === undefined) return [];
    if (newest !== this.#rollout) {
      this.#rollout = newest;
      this.#seq = -1;
    }
    const rows = this.#after.all(newest, this.#seq);
    this.#seq = rows.at(-1)?.seq ?? this.#seq;
    return rows.map((row) => JSON.parse(row.body) as RolloutEvent);
  }

  close(): void {
    this.#database.close();
  }
}
