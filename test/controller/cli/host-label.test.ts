import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Context } from 'mocha';
import { parseLabelWords } from '../../../controller/cli/label-words.ts';
import { newSshKey } from '../../../controller/identity/ssh-key.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { FakeSshd } from '../../support/fake-sshd.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { skipBecause } from '../../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { noon } from '../../support/world-of.ts';

type Labels = Readonly<Record<string, string>>;

describe('zdms host label', () => {
  let served: ServedOperations;
  let sshd: FakeSshd;
  let directory: string;
  /** The host's own copy, as its agent keeps it. */
  let own: Labels;

  before(function (this: Context) {
    if (spawnSync('ssh', ['-V']).status !== 0) skipBecause(this, 'no OpenSSH client on this machine');
  });

  beforeEach(async () => {
    [served, sshd] = await Promise.all([serveOperations(), FakeSshd.start()]);
    directory = temporaryDirectory();
    own = { role: 'web', zone: 'a' };
    writeFileSync(join(directory, 'key'), newSshKey('operator').privateKey, { mode: 0o600 });
    controllerHas({ hostKey: sshd.hostKey });
    sshd.answer = answerLikeAnAgent;
  });

  afterEach(async () => {
    await Promise.all([served.stop(), sshd.stop()]);
    removeTemporaryDirectories();
  });

  /** As `zdms-agent label` does, `sudo` or not. */
  function answerLikeAnAgent(command: string) {
    if (!command.endsWith('zdms-agent label')) return { exitCode: 127, stderr: 'no such command\n' };
    const { hostId, labels } = JSON.parse(sshd.stdin.get(command) ?? '') as { hostId: string; labels: Labels };
    if (hostId !== 'web-1') return { exitCode: 1, stderr: `ZDMS_OTHER_HOST: this host is web-1 and not ${hostId}\n` };
    const before = own;
    own = labels;
    return { stdout: JSON.stringify({ hostId, labels, before }) };
  }

  function controllerHas({ hostKey = sshd.hostKey, port = sshd.port, id = 'web-1' }): void {
    const labels = { role: 'web', zone: 'a' };
    const host = { id, labels, address: '127.0.0.1', sshPort: port, hostKey };
    served.operations.hostViews = [
      { host, report: null, connected: true, lastBeatAt: noon, services: ['web'], reason: null },
    ];
  }

  function label(...words: readonly string[]): Promise<number> {
    const options = ['IdentityAgent=none', 'IdentitiesOnly=yes'];
    const files = ['--identity', join(directory, 'key'), '--known-hosts', join(directory, 'known_hosts')];
    return served.zdms('host', 'label', ...words, ...files, ...options.flatMap((option) => ['--ssh-option', option]));
  }

  it('changes the host first and then the controller, and says what was there', async () => {
    served.operations.label = (
      (answer) =>
      async (...change: Parameters<typeof answer>) => {
        assert.deepEqual(own, { zone: 'b', rack: 'b2' });
        return answer(...change);
      }
    )(served.operations.label.bind(served.operations));

    assert.equal(await label('web-1', 'zone=b', 'rack=b2', 'role-'), 0, served.terminal.errors);

    assert.deepEqual(served.operations.asked, ['label web-1 {"zone":"b","rack":"b2"} ["role"]']);
    assert.equal(
      served.terminal.written,
      'web-1: zone=b rack=b2\non the host: rack none -> b2, role web -> none, zone a -> b; its agent reports it with its next beat\n',
    );
  });

  it('goes through sudo for a user who is not root', async () => {
    assert.equal(await label('web-1', 'zone=b', '--at', 'admin@127.0.0.1', '--port', String(sshd.port)), 0);

    assert.deepEqual(sshd.commands, ['sudo -n zdms-agent label']);
  });

  it('gives the host all labels of the controller, and may do so while a rollout has it', async () => {
    own = { role: 'web', zone: 'c' };

    assert.equal(await label('web-1', 'zone=a'), 0);

    assert.deepEqual(own, { role: 'web', zone: 'a' });
    assert.deepEqual(served.operations.asked, []);
    assert.match(served.terminal.written, /on the host: zone c -> a;/);
  });

  it('changes nothing when the host cannot be reached', async () => {
    controllerHas({ port: 1 });

    assert.equal(await label('web-1', 'zone=b'), 1);

    assert.match(served.terminal.errors, /ZDMS_SSH_FAILED/);
    assert.match(served.terminal.errors, /labels of web-1 are as they were/);
    assert.deepEqual(served.operations.asked, []);
  });

  it('changes nothing on a machine that shows another key than the controller has', async () => {
    controllerHas({ hostKey: newSshKey('').publicKey.split(' ').slice(0, 2).join(' ').trim() });

    assert.equal(await label('web-1', 'zone=b'), 1);

    assert.match(served.terminal.errors, /ZDMS_SSH_FAILED/);
    assert.deepEqual(sshd.commands, []);
  });

  it('changes nothing when known_hosts and the controller do not agree on the key', async () => {
    const other = newSshKey('').publicKey.split(' ').slice(0, 2).join(' ').trim();
    writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${other}\n`);

    assert.equal(await label('web-1', 'zone=b'), 1);

    assert.match(served.terminal.errors, /ZDMS_HOST_KEY_CHANGED/);
    assert.deepEqual(sshd.commands, []);
  });

  it('changes nothing on a machine that is another host of the fleet', async () => {
    controllerHas({ id: 'web-2' });

    assert.equal(await label('web-2', 'zone=b'), 1);

    assert.match(served.terminal.errors, /zdms-agent label failed: ZDMS_OTHER_HOST: this host is web-1 and not web-2/);
    assert.deepEqual(served.operations.asked, []);
  });

  it('puts the labels of the host back when the controller refuses', async () => {
    served.operations.label = () => Promise.reject(new ZdmsError('ZDMS_ROLLOUT_RUNNING', 'r1 has web-1', 'Wait.'));

    assert.equal(await label('web-1', 'zone=b'), 4);

    assert.match(served.terminal.errors, /^error: r1 has web-1\ncode: {2}ZDMS_ROLLOUT_RUNNING/);
    assert.deepEqual(own, { role: 'web', zone: 'a' });
  });

  it('says so when they cannot be put back', async () => {
    served.operations.label = () => {
      sshd.answer = () => ({ exitCode: 1, stderr: 'disk full\n' });
      return Promise.reject(new ZdmsError('ZDMS_ROLLOUT_RUNNING', 'r1 has web-1', 'Wait.'));
    };

    assert.equal(await label('web-1', 'zone=b'), 1);

    assert.match(served.terminal.errors, /ZDMS_LABELS_DIFFER/);
  });

  it('asks the agent nothing about words that are no labels, and ends with 2', async () => {
    assert.equal(await label('web-1', 'zone'), 2);
    assert.equal(await label('web-9', 'zone=a'), 2);

    assert.match(served.terminal.errors, /`zone` is neither KEY=VALUE nor KEY-/);
    assert.deepEqual(sshd.commands, []);
  });
});

describe('words for labels', () => {
  it('set and take away', () => {
    assert.deepEqual(parseLabelWords(['zone=b', 'rack-', 'rack-unit=7-b']), {
      set: { zone: 'b', 'rack-unit': '7-b' },
      unset: ['rack'],
    });
  });

  for (const words of [['zone='], ['=b'], ['-'], ['Zone=b'], ['zone=b', 'zone-'], ['zone=b', 'zone=c'], ['zone=a b']]) {
    it(`are not ${words.join(' ')}`, () => {
      assert.throws(() => parseLabelWords(words), { code: 'ZDMS_LABEL_INVALID' });
    });
  }
});
