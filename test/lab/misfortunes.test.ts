import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { RolloutDocument, RolloutHostDocument } from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import { labExec } from '../../vagrant/nspawn/lab.ts';
import { onHost, readDpkgTruth } from './proof/host-shell.ts';
import { type Bench, type Misfortune, misfortunes, packageOf } from './misfortunes/misfortunes.ts';
import { NEW_VERSION, OLD_VERSION, prepareHosts } from './misfortunes/prepare-hosts.ts';
import { untilRollout } from './proof/rollout-watch.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { endSharedLab, sharedLab } from './shared-lab.ts';

/** Nobody's budget, ramp or blindness is the matter here: every host is to meet its misfortune. */
const LIMITS = `maxOut: off\nramp: off\nerrorBudget: off\nsameFailure: off\nblindStop: off\nconfirmAbove: off\n`;
/** More than a rollout of these hosts has. */
const JOURNAL_EVENTS_MAX = 2000;
const ROLLOUT_DEADLINE_MS = 240_000;
const SETTLED = ['done', 'skipped', 'held'];

function changeText(): string {
  const wanted = misfortunes.map((each) => `${packageOf(each)}=${NEW_VERSION}`);
  return `name: misfortunes\nwhere: all\npackages: [${wanted.join(', ')}]\nreboot: never\nstages: [{ name: all, hosts: all }]\n`;
}

type Failure = { readonly code: string; readonly message: string };

/** Step and failure with which a host was parked. */
function failureOf({ reason }: RolloutHostDocument): { readonly step: string } & Failure {
  const { step, failure } = (reason?.data ?? {}) as { readonly step: string; readonly failure: Failure };
  assert.equal(reason?.code, 'step-failed');
  return { step, ...failure };
}

describe('misfortunes of real hosts in one rollout', () => {
  let lab: ZdmsLab;
  let bench: Bench | undefined;
  let rollout: RolloutDocument;
  let warnings: readonly string[];
  /** Hosts that ever had a slot, by the journal. */
  let tookSlots: ReadonlySet<string>;

  before('let one rollout go over all of them', async function () {
    lab = await sharedLab('misfortunes');
    lab.write('zdms/limits.yaml', LIMITS);
    const made = await prepareHosts(lab, misfortunes);
    bench = made;
    const planned = JSON.parse(
      await lab.mustZdms('plan', lab.write('change.yaml', changeText()), '-o', 'json'),
    ) as PlanDocument;
    assert.equal(planned.hosts, misfortunes.length);
    warnings = planned.warnings;
    await Promise.all(misfortunes.map((each) => each.befall(made)));
    await lab.mustZdms('apply', planned.hash, '--yes', '--detach', '--confirm', String(planned.hosts));
    rollout = await untilRollout(
      lab,
      'every host is done or parked',
      ({ hosts }) => hosts.every(({ state }) => SETTLED.includes(state)),
      ROLLOUT_DEADLINE_MS,
    );
    const { events } = await lab.client.readJournal(rollout.id, JOURNAL_EVENTS_MAX);
    const taken = (events as readonly { readonly kind: string; readonly host: string }[]).filter(
      ({ kind }) => kind === 'slotTaken',
    );
    tookSlots = new Set(taken.map(({ host }) => host));
  });

  // Its hosts are wrecks, and nobody else's.
  after('take the lab down', async () => {
    bench?.repositories.end();
    await endSharedLab();
  });

  function found(host: string): RolloutHostDocument {
    const document = rollout.hosts.find((each) => each.host === host);
    if (document === undefined) throw new Error(`${host} is not in the rollout`);
    return document;
  }

  async function remarksOf(host: string): Promise<string> {
    const steps = await lab.backEnd.readExecutorJournal(host);
    return steps
      .flatMap(({ outcome }) => (outcome as { evidence?: { remarks?: string[] } } | null)?.evidence?.remarks ?? [])
      .join('\n');
  }

  async function assertCured(misfortune: Misfortune): Promise<void> {
    const { host, ending } = misfortune;
    assert.equal(found(host).state, 'done', found(host).reason?.text);
    assert.deepEqual(await readDpkgTruth(host, packageOf(misfortune)), {
      abbreviation: 'ii',
      version: NEW_VERSION,
      audit: '',
    });
    if (ending.kind === 'cured' && ending.remarks !== undefined) assert.match(await remarksOf(host), ending.remarks);
  }

  for (const misfortune of misfortunes) {
    const { host, ending } = misfortune;
    if (ending.kind === 'cured') it(`${host}: cured, by dpkg's own word`, () => assertCured(misfortune));
    else
      it(`${host}: parked in ${ending.step} as ${ending.code}, with a word on what to do`, async () => {
        assert.notEqual(found(host).state, 'done');
        const failure = failureOf(found(host));
        assert.deepEqual([failure.step, failure.code], [ending.step, ending.code], failure.message);
        assert.match(failure.message, ending.says);
        assert.equal((await readDpkgTruth(host, packageOf(misfortune))).version, OLD_VERSION);
      });
  }

  it('no host that failed before its slot ever had one', () => {
    const early = misfortunes.filter(
      ({ ending }) => ending.kind === 'parked' && ['preflight', 'fetch'].includes(ending.step),
    );
    assert.ok(early.length > 0);
    assert.deepEqual(
      early.filter(({ host }) => tookSlots.has(host)).map(({ host }) => host),
      [],
    );
  });

  it('no host is out any more, and none that went back is left half-done', async () => {
    assert.deepEqual(rollout.slots, []);
    const late = misfortunes.filter(
      ({ ending }) => ending.kind === 'parked' && ['apply', 'verify'].includes(ending.step),
    );
    for (const each of late) {
      const truth = await readDpkgTruth(each.host, packageOf(each));
      assert.deepEqual([truth.abbreviation, truth.audit], ['ii', ''], each.host);
    }
  });

  it('a local configuration file is as it was', async () => {
    assert.equal(await onHost('conffile', 'cat /etc/zt-conffile.conf'), 'local\n');
    assert.equal(await onHost('conffile', 'cat /etc/zt-conffile.conf.dpkg-dist'), 'as packaged later\n');
  });

  it('a host that also patches itself is named by the plan, and its timer is on again', async () => {
    assert.ok(warnings.includes('updater also patches itself: apt-daily-upgrade.timer'), warnings.join('\n'));
    assert.equal((await labExec('updater', ['systemctl', 'is-active', 'apt-daily-upgrade.timer'])).stdout, 'active\n');
  });

  it('nobody is locked out of a host whose sshd a package broke', async () => {
    assert.equal((await labExec('sshd-after', ['/usr/sbin/sshd', '-t'])).code, 0);
  });
});
