import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { openSqliteStore } from '../../../../controller/adapters/store/sqlite.ts';
import type { RolloutEvent } from '../../../../controller/core/event.ts';
import { StaleEpochError } from '../../../../controller/ports/store.ts';
import type { Store } from '../../../../controller/ports/store.ts';
import { repositoryRoot } from '../../../support/source-files.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';

const started: RolloutEvent = { at: 1, kind: 'started', by: 'ann' };
const now = (): number => 1000;

async function commit(store: Store, epoch: number, count: number, events: readonly RolloutEvent[]): Promise<void> {
  await store.commit({ epoch, rollout: 'r1', expectedCount: count, events, mayTake: () => null });
}

/** A controller's process that leads with this directory until it is killed. */
async function otherLeader(directory: string): Promise<ChildProcess> {
  const program = `
    import { openSqliteStore } from './controller/adapters/store/sqlite.ts';
    await openSqliteStore({ directory: process.argv[1], now: () => 1000 }).becomeLeader('other');
    console.log('leads');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, directory], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the SQLite store', () => {
  afterEach(removeTemporaryDirectories);

  it('keeps everything for the next process', async () => {
    const directory = temporaryDirectory();
    const first = openSqliteStore({ directory, now });
    await commit(first, await first.becomeLeader('one'), 0, [started, { at: 2, kind: 'slotTaken', host: 'web-1' }]);
    await first.close();

    const second = openSqliteStore({ directory, now });

    assert.equal((await second.events('r1')).length, 2);
    assert.deepEqual(await second.slots(), [{ host: 'web-1', rollout: 'r1', takenAt: 2 }]);
    assert.equal(await second.becomeLeader('two'), 1001);
    await second.close();
  });

  it('is readable by its owner alone', async () => {
    const directory = temporaryDirectory();
    const store = openSqliteStore({ directory, now });
    await store.becomeLeader('one');

    for (const name of readdirSync(directory)) assert.equal(statSync(join(directory, name)).mode & 0o077, 0, name);
    await store.close();
  });

  it('refuses a second leader at once, naming the first, and takes over when that one is killed', async () => {
    const directory = temporaryDirectory();
    const other = await otherLeader(directory);
    const store = openSqliteStore({ directory, now });

    await assert.rejects(store.becomeLeader('us'), {
      code: 'ZDMS_STORE_IN_USE',
      message: `another controller (process ${other.pid ?? 0}) works with ${directory}`,
    });
    other.kill('SIGKILL');
    await once(other, 'exit');

    assert.equal(await store.becomeLeader('us'), 1001);
    await store.close();
  });

  it('refuses every write of a leader whose epoch was superseded behind its back', async () => {
    const directory = temporaryDirectory();
    const store = openSqliteStore({ directory, now });
    const epoch = await store.becomeLeader('paused');
    const successor = new Database(join(directory, 'zdms.sqlite'));
    successor.exec('UPDATE leader SET epoch = epoch + 1');
    successor.close();

    await assert.rejects(commit(store, epoch, 0, [started]), StaleEpochError);
    await assert.rejects(
      store.saveHost({ id: 'a', labels: {}, address: 'a', sshPort: 22, hostKey: '' }),
      StaleEpochError,
    );
    await assert.rejects(store.useInvitation('aa', 1), StaleEpochError);

    assert.deepEqual(await store.hosts(), []);
    await store.close();
  });

  it('lets nobody change or delete an event', async () => {
    const directory = temporaryDirectory();
    const store = openSqliteStore({ directory, now });
    await commit(store, await store.becomeLeader('one'), 0, [started]);
    const database = new Database(join(directory, 'zdms.sqlite'));

    assert.throws(() => database.exec("UPDATE event SET body = '{}'"), /append-only/);
    assert.throws(() => database.exec('DELETE FROM event'), /append-only/);

    database.close();
    await store.close();
  });

  const forgeries: readonly (readonly [string, string, number])[] = [
    ['an event was edited', `UPDATE event SET body = replace(body, 'ann', 'bob') WHERE seq = 2`, 2],
    ['an event was taken out', 'DELETE FROM event WHERE seq = 2', 2],
    ['the end was cut off', 'DELETE FROM event WHERE seq >= 3', 3],
    ['everything was deleted', 'DELETE FROM event', 1],
  ];
  for (const [what, sql, firstBroken] of forgeries) {
    it(`finds out that ${what}`, async () => {
      const directory = temporaryDirectory();
      const store = openSqliteStore({ directory, now });
      await commit(store, await store.becomeLeader('one'), 0, [started, started, started]);
      const database = new Database(join(directory, 'zdms.sqlite'));
      database.exec('DROP TRIGGER event_is_never_changed; DROP TRIGGER event_is_never_deleted');

      database.exec(sql);

      assert.equal((await store.verifyJournal('r1')).firstBroken, firstBroken);
      database.close();
      await store.close();
    });
  }

  it('does not open a damaged file', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'zdms.sqlite'), 'this is no database, but long enough to look like one '.repeat(100));

    assert.throws(() => openSqliteStore({ directory, now }), { code: 'ZDMS_STORE_DAMAGED' });
  });

  it('knows of offers from before they had ids of advisories that nobody knows what they close', async () => {
    const directory = temporaryDirectory();
    const store = openSqliteStore({ directory, now });
    await store.becomeLeader('one');
    const database = new Database(join(directory, 'zdms.sqlite'));
    const offers = [
      { version: '2', security: true },
      { version: '0', security: false },
    ];
    const old = { labels: { security: 'true' }, survey: { packages: [{ name: 'zdemo', offers }] } };
    database.prepare('INSERT INTO report VALUES (?, ?)').run('web-1', JSON.stringify(old));
    database.exec('DELETE FROM migration WHERE version >= 5');
    database.close();
    await store.close();

    const reopened = openSqliteStore({ directory, now });
    const report = (await reopened.reports()).get('web-1');

    assert.deepEqual(report?.labels, { security: 'true' });
    const unknown = { advisories: [], cves: [], advisoriesKnown: false };
    assert.deepEqual(
      report.survey?.packages[0]?.offers,
      offers.map((offer) => ({ ...offer, ...unknown })),
    );
    await reopened.close();
  });

  it('does not open the file of a newer zdms', async () => {
    const directory = temporaryDirectory();
    await openSqliteStore({ directory, now }).close();
    const database = new Database(join(directory, 'zdms.sqlite'));
    database.exec('INSERT INTO migration VALUES (99)');
    database.close();

    assert.throws(() => openSqliteStore({ directory, now }), { code: 'ZDMS_STORE_TOO_NEW' });
  });
});
