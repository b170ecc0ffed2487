import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { labPaths, labSpawn } from '../../vagrant/nspawn/lab.ts';
import { REPOSITORY_KEY } from '../../vagrant/nspawn/repository.ts';
import { makeSignedRepository } from '../../vagrant/nspawn/signed-repository.ts';
import { buildSmallPackage } from '../../vagrant/nspawn/small-package.ts';
import { copyPackage, onHost, readDpkgTruth } from './proof/host-shell.ts';
import { untilRollout } from './proof/rollout-watch.ts';
import { refreshSurveys } from './proof/surveys.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { sharedLab } from './shared-lab.ts';
import { type Access, fetchedWithin, parseAccessLog, type SlotTime, slotTimes } from './slow-mirror/access-log.ts';

const SERVER = join(import.meta.dirname, '../../vagrant/nspawn/repository-server/main.ts');
const PORT = 8092;
const BYTES_PER_SECOND = 2e6;
/** 60 MB in all, half a minute: the hosts that have theirs are out while the others still wait for it. */
const HOSTS = 4;
const PACKAGE_BYTES = 15e6;
const LIMITS = 'maxOut: 1\nramp: off\nerrorBudget: off\nsameFailure: off\nblindStop: off\nconfirmAbove: off\n';
const ROLLOUT_DEADLINE_MS = 240_000;
const JOURNAL_EVENTS_MAX = 1000;
const SOURCES = '/etc/apt/sources.list.d/zlab.sources';

describe('a mirror that is slow', () => {
  let lab: ZdmsLab;
  let server: ChildProcess | undefined;
  let hosts: readonly { readonly name: string; readonly address: string }[] = [];
  let log: string;
  let accesses: readonly Access[];
  let slots: readonly SlotTime[];

  before('let a rollout fetch from it', async () => {
    lab = await sharedLab('misfortunes');
    hosts = lab.topology.hosts.slice(0, HOSTS);
    const names = hosts.map(({ name }) => name);
    lab.write('zdms/limits.yaml', LIMITS);
    log = join(lab.directory, 'slow-access.log');
    await offerSlowly();
    await refreshSurveys(lab, names);
    const change = `name: slow\nwhere: [${names.join(', ')}]\npackages: [zt-large=2.0]\nreboot: never\nstages: [{ name: all, hosts: all }]\n`;
    await lab.mustZdms('apply', lab.write('slow.yaml', change), '--detach', '--confirm', String(HOSTS));
    const rollout = await untilRollout(
      lab,
      'the rollout ends',
      ({ change: name, endedAt }) => name === 'slow' && endedAt !== null,
      ROLLOUT_DEADLINE_MS,
    );
    assert.equal(rollout.state, 'done');
    const { events } = await lab.client.readJournal(rollout.id, JOURNAL_EVENTS_MAX);
    slots = slotTimes(events as Parameters<typeof slotTimes>[0]);
    accesses = parseAccessLog(readFileSync(log, 'utf8'));
  });

  after('put the hosts back to their usual mirror', async () => {
    server?.kill('SIGKILL');
    for (const { name } of hosts) await onHost(name, `cp /root/zlab.sources ${SOURCES}; apt-get update -q`);
  });

  /** The first version is on each host, and the second one behind a line of so many bytes a second. */
  async function offerSlowly(): Promise<void> {
    const directory = join(lab.directory, 'slow');
    mkdirSync(directory, { recursive: true });
    const small = await buildSmallPackage({ name: 'zt-large', version: '1.0' }, directory);
    const files = { '/opt/zt-large': randomBytes(PACKAGE_BYTES) };
    const large = await buildSmallPackage({ name: 'zt-large', version: '2.0', files }, directory);
    const served = join(directory, 'served');
    await makeSignedRepository({ directory: served, packageFiles: [small, large], key: REPOSITORY_KEY });
    const { controllerAddress } = labPaths();
    const argv = [process.execPath, SERVER, served, controllerAddress, String(PORT), log, String(BYTES_PER_SECOND)];
    server = labSpawn(argv, { stdio: 'ignore' });
    for (const { name } of hosts) {
      const path = await copyPackage(name, small);
      const uri = `http://${controllerAddress}:${PORT}`;
      await onHost(
        name,
        `dpkg --install ${path}; cp ${SOURCES} /root; sed -i 's|^URIs:.*|URIs: ${uri}|' ${SOURCES}; apt-get update -q`,
      );
    }
  }

  it('gave every host its package, and no faster than it is', async () => {
    for (const { name, address } of hosts) {
      const truth = await readDpkgTruth(name, 'zt-large');
      assert.deepEqual([truth.abbreviation, truth.version, truth.audit], ['ii', '2.0', '']);
      const bytes = accesses.filter(({ client }) => client === address).reduce((sum, each) => sum + each.bytes, 0);
      assert.ok(bytes >= PACKAGE_BYTES, `${name} fetched ${bytes} bytes`);
    }
    const packages = accesses.filter(({ path }) => path.endsWith('zt-large_2.0_all.deb'));
    const tookMs = Math.max(...packages.map(({ end }) => end)) - Math.min(...packages.map(({ begin }) => begin));
    const least = (HOSTS * PACKAGE_BYTES * 1000) / BYTES_PER_SECOND;
    assert.ok(tookMs >= 0.9 * least, `all of it took ${tookMs} ms`);
  });

  it('gave no byte to a host that was out', () => {
    assert.deepEqual(slots.map(({ host }) => host).toSorted(), hosts.map(({ name }) => name).toSorted());
    const addressOf = new Map(hosts.map(({ name, address }) => [name, address]));
    const fetched = slots.flatMap((slot) => fetchedWithin(accesses, addressOf.get(slot.host) ?? '', slot));
    assert.deepEqual(fetched, []);
  });
});
