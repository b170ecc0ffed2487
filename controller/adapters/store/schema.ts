import type Database from 'better-sqlite3';
import { ZdmsError } from '../../../lib/zdms-error.ts';

/** One step of the schema. Steps are only ever added: a released one is never edited. */
interface Migration {
  readonly version: number;
  readonly sql: string;
}

const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE leader (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        epoch INTEGER NOT NULL,
        holder TEXT NOT NULL
      ) STRICT;
      INSERT INTO leader VALUES (1, 0, '');

      CREATE TABLE rollout (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        event_count INTEGER NOT NULL,
        head_hash TEXT NOT NULL,
        ended INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE event (
        rollout TEXT NOT NULL REFERENCES rollout (id),
        seq INTEGER NOT NULL,
        body TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (rollout, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
      CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

      -- Keyed by host: a host is in one rollout at a time, whatever the code above thinks.
      CREATE TABLE slot (
        host TEXT PRIMARY KEY,
        rollout TEXT NOT NULL REFERENCES rollout (id),
        taken_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE plan (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE host (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE report (host TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE invitation (token_sha256 TEXT PRIMARY KEY, host TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE halt (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        since INTEGER NOT NULL,
        by TEXT NOT NULL,
        text TEXT NOT NULL
      ) STRICT;

      -- When a version was first on offer anywhere in the fleet: the age of a patch, which no repository tells.
      CREATE TABLE offer (
        package TEXT NOT NULL,
        version TEXT NOT NULL,
        first_at INTEGER NOT NULL,
        PRIMARY KEY (package, version)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    sql: `
      -- The newest plans without reading the bodies of all of them.
      ALTER TABLE plan ADD COLUMN created_at INTEGER GENERATED ALWAYS AS (json_extract(body, '$.createdAt')) VIRTUAL;
      CREATE INDEX plan_by_age ON plan (created_at);
    `,
  },
  {
    version: 4,
    sql: `
      CREATE TABLE quarantine (
        package TEXT NOT NULL,
        version TEXT NOT NULL,
        since INTEGER NOT NULL,
        by TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (package, version)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 5,
    sql: `
      -- Reports from before offers had ids of advisories: of those nobody knows what they close. Of all that agents send, only
      -- offers have a field of this name with these values.
      UPDATE report SET body = replace(replace(body,
        '"security":true', '"security":true,"advisories":[],"cves":[],"advisoriesKnown":false'),
        '"security":false', '"security":false,"advisories":[],"cves":[],"advisoriesKnown":false');
    `,
  },
];

const newest = migrations.at(-1)?.version ?? 0;

/** Brings the schema up to date, all or nothing. Throws ZdmsError ZDMS_STORE_TOO_NEW for the store of a newer zdms. */
export function migrate(database: Database.Database, file: string): void {
  database.exec('CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY) STRICT');
  const upgrade = database.transaction(() => {
    const present = Number(database.prepare('SELECT coalesce(max(version), 0) FROM migration').pluck().get());
    if (present > newest) {
      throw new ZdmsError(
        'ZDMS_STORE_TOO_NEW',
        `${file} was written by a newer zdms (schema ${present}, this one knows ${newest})`,
        'Start the newer zdms again. Nothing was changed.',
      );
    }
    for (const { version, sql } of migrations.filter((step) => step.version > present)) {
      database.exec(sql);
      database.prepare('INSERT INTO migration VALUES (?)').run(version);
    }
  });
  upgrade.immediate();
}
