import type { ExecutorOutcome, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import { Latch } from './latch.ts';

/** What an executor has on disk for one token. */
export interface JournalEntry {
  readonly token: string;
  readonly verb: RequestBody['verb'];
  readonly startedAt: number;
  /** Opens when the step has ended, one way or the other. */
  readonly ended: Latch;
  finishedAt: number | null;
  outcome: ExecutorOutcome | null;
}

/** A host's step journal: a token is begun once. It survives reboots. */
export class ExecutorJournal {
  readonly #entries = new Map<string, JournalEntry>();

  find(token: string): JournalEntry | undefined {
    return this.#entries.get(token);
  }

  begin(token: string, verb: RequestBody['verb'], startedAt: number): JournalEntry {
    const entry: JournalEntry = { token, verb, startedAt, ended: new Latch(), finishedAt: null, outcome: null };
    this.#entries.set(token, entry);
    return entry;
  }

  finish(entry: JournalEntry, outcome: ExecutorOutcome, at: number): void {
    if (entry.ended.isOpen) return;
    entry.outcome = outcome;
    entry.finishedAt = at;
    entry.ended.open();
  }

  /** Power cut, or killed: begun and ended without a record. */
  interrupt(entry: JournalEntry): void {
    entry.ended.open();
  }

  running(): readonly JournalEntry[] {
    return [...this.#entries.values()].filter((entry) => !entry.ended.isOpen);
  }
}

/** Steps that go on by themselves after `accepted`. */
export function isDetached(verb: RequestBody['verb']): boolean {
  return verb === 'fetch' || verb === 'apply' || verb === 'rollback' || verb === 'reboot';
}
