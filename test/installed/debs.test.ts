import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { labExec } from '../../vagrant/nspawn/lab.ts';
import { difference, listAccounts, listFiles } from './host-traces.ts';
import { exposureOn, install, on, property, until, VERSIONS } from './packaged-lab.ts';
import { packagedLab } from './shared-lab.ts';

const [n, next] = VERSIONS;
const HOST = 'ctl';
const UNIT = 'zdms-controller.service';
/** A period that a test can wait for. */
const SHORT_WATCHDOG = '[Service]\nWatchdogSec=2s\n';

async function versionOf(name: string): Promise<string> {
  return (await on(HOST, 'dpkg-query', '--show', '--showformat=${db:Status-Status} ${Version}', name)).trim();
}

async function tracesOf(): Promise<{ readonly files: string; readonly accounts: string }> {
  return { files: await on(HOST, ...listFiles('')), accounts: await on(HOST, ...listAccounts('')) };
}

/** What the controller has to keep: keys, journal, configuration. */
async function stateOf(): Promise<string> {
  const kept = ['/etc/zdms', '/var/lib/zdms/controller/identity'];
  return on(HOST, 'find', ...kept, '-type', 'f', '-exec', 'sha256sum', '{}', '+');
}

describe('the packages on a Debian host', () => {
  let untouched: Awaited<ReturnType<typeof tracesOf>>;

  before('build the lab', async () => {
    await packagedLab();
    untouched = await tracesOf();
  });

  describe('the controller', () => {
    it('is installed, says what comes next, and starts only once it is set up', async () => {
      const said = await install(HOST, 'controller', n);
      assert.match(said, /not set up\. Next:\n {2}zdms init --fleet-name/);
      assert.equal((await on(HOST, 'systemctl', 'is-enabled', UNIT)).trim(), 'enabled');
      await on(HOST, 'systemctl', 'start', UNIT);
      assert.equal(await property(HOST, UNIT, 'ActiveState'), 'inactive');
      assert.equal(await on(HOST, 'systemd-analyze', 'verify', UNIT), '');
    });

    it('is set up by root, and runs as a user of its own, who alone may read its state', async () => {
      const said = await on(HOST, 'zdms', 'init', '--fleet-name', 'lab', '--listen', '10.77.1.5:7443');
      assert.match(said, /Next:\n {2}systemctl start zdms-controller\n/);
      await on(HOST, 'systemctl', 'start', UNIT);
      const look = ['stat', '--format', '%a %U %G'];
      assert.equal(await on(HOST, ...look, '/var/lib/zdms/controller'), '700 zdms-controller zdms\n');
      assert.equal(
        await on(HOST, ...look, '/var/lib/zdms/controller/identity/ca-key.pem'),
        '600 zdms-controller zdms\n',
      );
      assert.equal(await on(HOST, ...look, '/run/zdms/operator.sock'), '660 zdms-controller zdms\n');
    });

    it('lets in the members of the group zdms, and nobody else', async () => {
      const ask = (group: string): Promise<{ readonly code: number }> =>
        labExec(HOST, ['setpriv', '--reuid=nobody', '--regid=nogroup', `--groups=${group}`, 'zdms', 'host', 'ls']);
      assert.equal((await ask('zdms')).code, 0);
      assert.notEqual((await ask('nogroup')).code, 0);
    });

    it('is confined while it runs, to an exposure of at most 2.5', async () => {
      const exposure = await exposureOn(HOST, UNIT);
      assert.ok(exposure <= 2.5, String(exposure));
    });

    it('is started again by the watchdog when it hangs', async () => {
      await on(HOST, 'mkdir', `/run/systemd/system/${UNIT}.d`);
      await labExec(HOST, ['cp', '/dev/stdin', `/run/systemd/system/${UNIT}.d/watchdog.conf`], {
        input: SHORT_WATCHDOG,
      });
      await on(HOST, 'systemctl', 'daemon-reload');
      await on(HOST, 'systemctl', 'restart', UNIT);
      const pid = await property(HOST, UNIT, 'MainPID');
      await on(HOST, 'kill', '-STOP', pid);
      const restarts = await until(
        'systemd has started it again',
        () => property(HOST, UNIT, 'NRestarts'),
        (count) => count !== '0',
      );
      assert.equal(restarts, '1');
      await on(HOST, 'rm', '-r', `/run/systemd/system/${UNIT}.d`);
      await on(HOST, 'systemctl', 'daemon-reload');
      await on(HOST, 'systemctl', 'restart', UNIT);
    });

    for (const [way, version] of [
      ['upgraded', next],
      ['downgraded', n],
    ] as const) {
      it(`is ${way}: started again, with state and configuration as they were`, async () => {
        const [before, pid] = [await stateOf(), await property(HOST, UNIT, 'MainPID')];
        await install(HOST, 'controller', version);
        assert.equal(await versionOf('zdms-controller'), `installed ${version}`);
        assert.equal(await property(HOST, UNIT, 'ActiveState'), 'active');
        assert.notEqual(await property(HOST, UNIT, 'MainPID'), pid);
        assert.equal(await stateOf(), before);
        await on(HOST, 'zdms', 'host', 'ls');
      });
    }
  });

  describe('the agent, beside the controller', () => {
    it('is installed: sshd and sudo take its rules, and its unit is confined to an exposure of at most 2.0', async () => {
      await install(HOST, 'agent', n);
      assert.match(await on(HOST, 'sshd', '-T', '-C', 'user=zdms,host=x,addr=10.77.1.1'), /forcecommand sudo -n/);
      assert.match(await on(HOST, 'sudo', '--list', '--other-user=zdms'), /zdms-agent exec/);
      assert.equal(await on(HOST, 'systemd-analyze', 'verify', 'zdms-agent.service'), '');
      const exposure = await exposureOn(HOST, 'zdms-agent.service');
      assert.ok(exposure <= 2, String(exposure));
      assert.match(await on(HOST, 'getent', 'passwd', 'zdms'), /:\/bin\/sh$/m);
    });

    it('is upgraded: a step of the executor goes on, and a changed configuration file stays', async () => {
      // As the executor starts its work, and with the runtime that is being replaced.
      const unit = ['--unit=zdms-step-test', '--property=Type=exec', '--property=KillMode=process'];
      const work = ['/usr/lib/zdms-agent/node', '--eval', 'setInterval(() => 0, 1000)'];
      await on(HOST, 'systemd-run', '--collect', ...unit, ...work);
      const pid = await property(HOST, 'zdms-step-test.service', 'MainPID');
      await on(HOST, 'sed', '-i', '$a # ours', '/etc/ssh/sshd_config.d/zdms.conf');
      await install(HOST, 'agent', next);
      assert.equal(await versionOf('zdms-agent'), `installed ${next}`);
      assert.equal(await property(HOST, 'zdms-step-test.service', 'MainPID'), pid);
      assert.match(await on(HOST, 'cat', '/etc/ssh/sshd_config.d/zdms.conf'), /^# ours$/m);
      await on(HOST, 'systemctl', 'stop', 'zdms-step-test.service');
    });

    it('is downgraded', async () => {
      await install(HOST, 'agent', n);
      assert.equal(await versionOf('zdms-agent'), `installed ${n}`);
      assert.equal((await on(HOST, 'zdms-agent', '--version')).trim(), n);
    });

    it('is purged, and the controller of the same host runs on with all that it had', async () => {
      const [before, pid] = [await stateOf(), await property(HOST, UNIT, 'MainPID')];
      await on(HOST, 'dpkg', '--purge', 'zdms-agent');
      assert.equal(await stateOf(), before);
      assert.equal(await property(HOST, UNIT, 'MainPID'), pid);
      await on(HOST, 'zdms', 'host', 'ls');
      assert.doesNotMatch(await on(HOST, 'sshd', '-T', '-C', 'user=zdms,host=x,addr=10.77.1.1'), /zdms-agent/);
    });
  });

  describe('the controller, at last', () => {
    it('is removed and installed again: its state is there, and it begins at boot as before', async () => {
      await on(HOST, 'dpkg', '--remove', 'zdms-controller');
      assert.notEqual(await stateOf(), '');
      await install(HOST, 'controller', n);
      assert.equal((await on(HOST, 'systemctl', 'is-enabled', UNIT)).trim(), 'enabled');
    });

    it('is purged, and of both packages nothing is left: no file, no directory, no user, no group', async () => {
      await on(HOST, 'dpkg', '--purge', 'zdms-controller');
      const now = await tracesOf();
      assert.deepEqual(difference(untouched.files, now.files), []);
      assert.deepEqual(difference(untouched.accounts, now.accounts), []);
      assert.equal((await on(HOST, 'find', '/run', '-name', 'zdms*')).trim(), '');
    });
  });
});
