import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Context } from 'mocha';
import { fingerprintOf } from '../../../../controller/cli/install/host-key.ts';
import { newSshKey } from '../../../../controller/identity/ssh-key.ts';
import { FakeSshd } from '../../../support/fake-sshd.ts';
import { serveOperations } from '../../../support/served-operations.ts';
import type { ServedOperations } from '../../../support/served-operations.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';
import { inventoryOf, noon } from '../../../support/world-of.ts';

describe('zdms host install', () => {
  let served: ServedOperations;
  let sshd: FakeSshd;
  let directory: string;
  let installed: string | null;

  before(function (this: Context) {
    if (spawnSync('ssh', ['-V']).status !== 0) skipBecause(this, 'no OpenSSH client on this machine');
  });

  beforeEach(async () => {
    [served, sshd] = await Promise.all([serveOperations(), FakeSshd.start()]);
    directory = temporaryDirectory();
    installed = null;
    writeFileSync(join(directory, 'key'), newSshKey('operator').privateKey, { mode: 0o600 });
    writeFileSync(join(directory, 'zdms-agent_0.1.0_amd64.deb'), 'the package');
    sshd.answer = answerLikeAHost;
  });

  afterEach(async () => {
    await Promise.all([served.stop(), sshd.stop()]);
    removeTemporaryDirectories();
  });

  /** A Debian host whose agent reports as soon as it is enrolled. */
  function answerLikeAHost(command: string) {
    if (command === 'dpkg --print-architecture') return { stdout: 'amd64\n' };
    if (command.startsWith('dpkg-query')) return installed === null ? { exitCode: 1 } : { stdout: `ii ${installed}` };
    if (command.endsWith('zdms-agent enrol')) reportFrom();
    return {};
  }

  function reportFrom(): void {
    served.operations.hostViews = served.operations.invited.map((host) => {
      const report = inventoryOf([host])[0]?.report ?? null;
      return { host, report, connected: true, lastBeatAt: served.operations.now, services: [], reason: null };
    });
  }

  function install(...more: readonly string[]): Promise<number> {
    return served.zdms('host', 'install', ...more, ...sshOptions());
  }

  function sshOptions(): string[] {
    const options = ['IdentityAgent=none', 'IdentitiesOnly=yes'].flatMap((option) => ['--ssh-option', option]);
    const files = ['--identity', join(directory, 'key'), '--known-hosts', join(directory, 'known_hosts')];
    return [...options, ...files, '--package', join(directory, 'zdms-agent_0.1.0_amd64.deb')];
  }

  function web1(user = 'root'): string[] {
    return [`${user}@127.0.0.1`, '--id', 'web-1', '--port', String(sshd.port), '--label', 'role=web', 'zone=a'];
  }

  it('copies the package, installs it, enrols the host and sees its first report', async () => {
    const exitCode = await install(...web1(), '--accept-new');

    assert.equal(served.terminal.errors, '');
    assert.equal(
      served.terminal.written,
      [
        'web-1: zdms-agent 0.1.0 copied',
        'web-1: zdms-agent 0.1.0 installed',
        'web-1: enrolled',
        'web-1: reports to the controller (1 of 1)',
        '1 of 1 hosts installed\n',
      ].join('\n'),
    );
    assert.equal(exitCode, 0);
    const [copy = '', dpkg = '', keep = '', ...rest] = sshd.commands.slice(2);
    const file = /^dd of=(\/tmp\/zdms-agent-\w{32}\.deb) conv=excl bs=64k$/.exec(copy)?.[1] ?? '';
    assert.equal(dpkg, `env DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold -i ${file}`);
    assert.equal(keep, `sh -s -- ${file} zdms-agent_0.1.0_amd64.deb 0.1.0`);
    assert.doesNotMatch(sshd.stdin.get(keep) ?? '', /apt/);
    assert.deepEqual(rest.toSorted(), [`rm -f -- ${file}`, 'zdms-agent enrol']);
    assert.equal(sshd.stdin.get(copy), 'the package');
  });

  it('only offers the package, when asked, to a host that has an older agent', async () => {
    installed = '0.0.9';

    assert.equal(await install(...web1(), '--accept-new', '--offer'), 0);

    assert.equal(
      served.terminal.written,
      [
        'web-1: zdms-agent 0.1.0 copied',
        'web-1: zdms-agent 0.1.0 on offer, 0.0.9 installed',
        'web-1: ready for a rollout (1 of 1)',
        '1 of 1 hosts ready for a rollout\n',
      ].join('\n'),
    );
    const script = sshd.commands.find((command) => command.startsWith('sh -s'));
    assert.match(sshd.stdin.get(script ?? '') ?? '', /apt-get .* update\n/);
    assert.ok(!sshd.commands.some((command) => /dpkg -i|dpkg .* -i|enrol/.test(command)));
  });

  it('has nothing to offer to a host without an agent', async () => {
    assert.equal(await install(...web1(), '--accept-new', '--offer'), 1);
    assert.match(served.terminal.written, /ZDMS_HOST_HAS_NO_AGENT/);
  });

  it('tells the controller address, port, labels and pinned key, and the agent all it needs, on stdin only', async () => {
    await install(...web1(), '--accept-new');

    const labels = { role: 'web', zone: 'a' };
    assert.deepEqual(served.operations.invited, [
      { id: 'web-1', address: '127.0.0.1', sshPort: sshd.port, labels, hostKey: sshd.hostKey },
    ]);
    assert.deepEqual(JSON.parse(sshd.stdin.get('zdms-agent enrol') ?? ''), {
      hostId: 'web-1',
      controller: '127.0.0.1:7443',
      caPem: 'ca',
      token: 'token-of-the-test-1234',
      labels,
      orderPublicKeyPem: 'order key',
      sshPublicKey: 'ssh-ed25519 AAAA controller',
    });
    assert.ok(sshd.commands.every((command) => !command.includes('token')));
  });

  it('goes through sudo for a user who is not root', async () => {
    await install(...web1('admin'), '--accept-new');

    assert.deepEqual(
      sshd.commands
        .filter((command) => command.startsWith('sudo'))
        .map((command) => command.split(' ').slice(0, 4).join(' ')),
      ['sudo -n env DEBIAN_FRONTEND=noninteractive', 'sudo -n sh -s', 'sudo -n zdms-agent enrol'],
    );
  });

  it('copies nothing to a host that has this version, and enrols it anew', async () => {
    installed = '0.1.0';

    assert.equal(await install(...web1(), '--accept-new'), 0);

    assert.match(served.terminal.written, /web-1: has zdms-agent 0.1.0 already\nweb-1: enrolled/);
    assert.equal(sshd.stdin.size, 1);
  });

  it('refuses a new host key where nobody can be asked, shows it, and does nothing', async () => {
    const exitCode = await install(...web1());

    assert.equal(exitCode, 1);
    assert.match(served.terminal.written, new RegExp(escape(fingerprintOf(sshd.hostKey))));
    assert.match(served.terminal.written, /ZDMS_HOST_KEY_UNKNOWN/);
    assert.deepEqual(sshd.commands, []);
    assert.deepEqual(served.operations.invited, []);
  });

  it('asks about a new host key, and remembers the answer in known_hosts', async () => {
    served.terminal.canAsk = true;
    served.terminal.answer = true;

    assert.equal(await install(...web1()), 0);
    assert.equal(served.terminal.questions.length, 1);
    assert.equal(readFileSync(join(directory, 'known_hosts'), 'utf8'), `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);

    assert.equal(await install(...web1()), 0);
    assert.equal(served.terminal.questions.length, 1);
  });

  it('trusts the fingerprint that was named, and no other', async () => {
    assert.equal(await install(...web1(), '--fingerprint', 'SHA256:somethingelse'), 1);
    assert.equal(await install(...web1(), '--fingerprint', fingerprintOf(sshd.hostKey)), 0);
  });

  it('refuses a host key that is not the known one, even with --accept-new', async () => {
    const other = newSshKey('').publicKey.split(' ').slice(0, 2).join(' ').trim();
    writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${other}\n`);
    // Hashed names, as Debian writes them.
    spawnSync('ssh-keygen', ['-q', '-H', '-f', join(directory, 'known_hosts')]);

    assert.equal(await install(...web1(), '--accept-new'), 1);

    assert.match(served.terminal.written, /ZDMS_HOST_KEY_CHANGED/);
    assert.deepEqual(sshd.commands, []);
  });

  it('says what went wrong on which host, installs the others, and ends with 1', async () => {
    const hosts = join(directory, 'hosts.txt');
    const port = `port=${sshd.port}`;
    writeFileSync(
      hosts,
      `root@127.0.0.1 id=web-1 ${port} zone=a\nroot@127.0.0.1 id=web-2 port=1 zone=a # off\nadmin@127.0.0.1 id=web-3 ${port}\n`,
    );
    sshd.answer = (command) =>
      command.startsWith('sudo') ? { exitCode: 1, stderr: 'sudo: a password is required\n' } : answerLikeAHost(command);

    const exitCode = await install('-f', hosts, '--accept-new', '--parallel', '2');

    assert.equal(exitCode, 1);
    assert.match(served.terminal.written, /web-1: reports to the controller \(1 of 2\)\n/);
    assert.match(
      served.terminal.written,
      /\nhost {3}code {19}why\nweb-2 {2}ZDMS_HOST_UNREACHABLE {2}root@127\.0\.0\.1 shows no/,
    );
    assert.match(served.terminal.written, /\nweb-3 {2}ZDMS_SUDO_NEEDED/);
    assert.match(served.terminal.written, /\n1 of 3 hosts installed\n$/);
  });

  it('reaches hosts through a bastion, by one connection to it, and leaves nothing of that behind', async () => {
    const bastion = await FakeSshd.start();
    const before = temporaryFiles();
    writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${bastion.port} ${bastion.hostKey}\n`);
    try {
      const exitCode = await install(...web1(), '--accept-new', '--via', `ssh://ops@127.0.0.1:${bastion.port}`);

      assert.equal(served.terminal.errors, '');
      assert.equal(exitCode, 0);
      assert.equal(bastion.logins, 1);
      // A look at the key, and one connection for all the rest.
      assert.deepEqual(bastion.forwarded, [`127.0.0.1:${sshd.port}`, `127.0.0.1:${sshd.port}`]);
      assert.equal(sshd.logins, 1);
      assert.deepEqual(temporaryFiles(), before);
    } finally {
      await bastion.stop();
    }
  });

  it('uses the jump hosts of ssh_config, for the look at the key too', async () => {
    const bastion = await FakeSshd.start();
    const [config, key, known] = ['config', 'key', 'known_hosts'].map((name) => join(directory, name));
    writeFileSync(known ?? '', `[127.0.0.1]:${bastion.port} ${bastion.hostKey}\n`);
    const proxy = `ProxyCommand=ssh -F ${config} -W [%h]:%p bastion`;
    writeFileSync(
      config ?? '',
      `Host bastion\n  HostName 127.0.0.1\n  Port ${bastion.port}\n  User ops\n  IdentityFile ${key}\n  IdentityAgent none\n  UserKnownHostsFile ${known}\n`,
    );
    try {
      assert.equal(await install(...web1(), '--accept-new', '--ssh-option', proxy), 0);

      assert.equal(bastion.forwarded.length, 2);
    } finally {
      await bastion.stop();
    }
  });

  it('refuses a bastion whose key nobody has accepted, before any host is asked', async () => {
    const bastion = await FakeSshd.start();
    try {
      const exitCode = await install(...web1(), '--accept-new', '--via', `ssh://ops@127.0.0.1:${bastion.port}`);

      assert.equal(exitCode, 1);
      assert.match(served.terminal.errors, /Host key verification failed\.\ncode: +ZDMS_BASTION_UNREACHABLE/);
      assert.deepEqual(sshd.commands, []);
    } finally {
      await bastion.stop();
    }
  });

  it('gives the password that was asked for to sudo on stdin, before the input of the program', async () => {
    served.terminal.canAsk = true;
    served.terminal.answer = true;
    served.terminal.typed = 'hunter2';
    sshd.answer = (command) =>
      command === 'sudo -k -n true'
        ? { exitCode: 1, stderr: 'sudo: a password is required\n' }
        : answerLikeAHost(command);

    assert.equal(await install(...web1('admin'), '--accept-new', '--ask-sudo-password'), 0);

    const [dpkg = '', keep = '', enrol = ''] = sshd.commands.filter((command) => command.startsWith('sudo -k -S'));
    assert.match(dpkg, /^sudo -k -S -p '' -- env DEBIAN_FRONTEND/);
    assert.equal(sshd.stdin.get(dpkg), 'hunter2\n');
    assert.match(sshd.stdin.get(keep) ?? '', /^hunter2\nset -eu\n/);
    assert.match(sshd.stdin.get(enrol) ?? '', /^hunter2\n\{"hostId":"web-1"/);
    assert.doesNotMatch(sshd.commands.join() + served.terminal.written, /hunter2/);
  });

  it('gives no password to a sudo that wants none', async () => {
    served.terminal.canAsk = true;
    served.terminal.answer = true;
    served.terminal.typed = 'hunter2';

    assert.equal(await install(...web1('admin'), '--accept-new', '--ask-sudo-password'), 0);

    assert.ok(sshd.commands.includes('sudo -n zdms-agent enrol'));
    assert.ok([...sshd.stdin.values()].every((input) => !input.includes('hunter2')));
  });

  it('says that the password was wrong', async () => {
    served.terminal.canAsk = true;
    served.terminal.answer = true;
    served.terminal.typed = 'wrong';
    sshd.answer = (command) => {
      if (!command.startsWith('sudo')) return answerLikeAHost(command);
      return {
        exitCode: 1,
        stderr: 'Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n',
      };
    };

    assert.equal(await install(...web1('admin'), '--accept-new', '--ask-sudo-password'), 1);

    assert.match(served.terminal.written, /ZDMS_SUDO_NEEDED {2}sudo refuses the password/);
  });

  it('says in a dry run what it would do, and changes nothing here or there', async () => {
    const hosts = join(directory, 'hosts.txt');
    const port = `port=${sshd.port}`;
    writeFileSync(hosts, `root@127.0.0.1 id=web-1 ${port} zone=a\nroot@127.0.0.1 id=web-2 port=1 zone=a\n`);

    const exitCode = await install('-f', hosts, '--dry-run');

    assert.equal(exitCode, 1);
    assert.match(served.terminal.written, /\nweb-1 +new, SHA256:\S+ +install 0\.1\.0 +enrol\n/);
    assert.match(served.terminal.written, /\nweb-2 +ZDMS_HOST_UNREACHABLE/);
    assert.match(served.terminal.written, /\ndry run: nothing was changed; 1 of 2 hosts would be installed\n$/);
    assert.deepEqual(served.operations.invited, []);
    assert.equal(existsSync(join(directory, 'known_hosts')), false);
    assert.deepEqual([...sshd.stdin.keys()], []);
    assert.ok(sshd.commands.every((command) => /^(dpkg --print|dpkg-query|true)/.test(command)));
  });

  it('says what dpkg said', async () => {
    sshd.answer = (command) =>
      command.includes('dpkg --force') ? { exitCode: 1, stderr: 'dpkg: error: broken\n' } : answerLikeAHost(command);

    assert.equal(await install(...web1(), '--accept-new'), 1);

    assert.match(served.terminal.written, /ZDMS_PACKAGE_FAILED {2}dpkg -i failed: dpkg: error: broken/);
    assert.ok(sshd.commands.some((command) => command.startsWith('rm -f -- /tmp/zdms-agent-')));
  });

  it('waits for another dpkg that holds the lock', async () => {
    let tries = 0;
    sshd.answer = (command) => {
      if (!command.includes('dpkg --force')) return answerLikeAHost(command);
      tries += 1;
      return tries < 3
        ? { exitCode: 2, stderr: 'dpkg: error: dpkg frontend lock was locked by another process with pid 7\n' }
        : {};
    };

    assert.equal(await install(...web1(), '--accept-new'), 0);
    assert.equal(tries, 3);
  });

  it('gives up on a host that never reports', async () => {
    sshd.answer = (command) => {
      if (!command.endsWith('enrol')) return answerLikeAHost(command);
      reportFrom();
      served.operations.hostViews = served.operations.hostViews.map((view) => ({ ...view, lastBeatAt: noon - 1 }));
      return {};
    };

    assert.equal(await install(...web1(), '--accept-new'), 1);
    assert.match(served.terminal.written, /ZDMS_NO_FIRST_REPORT/);
  });

  it('stops at Ctrl-C and leaves no file behind', async () => {
    const before = temporaryFiles();
    served.terminal.onWrite = (all) => {
      if (all.endsWith('copied\n')) served.terminal.interrupt();
    };

    assert.equal(await install(...web1(), '--accept-new'), 130);

    assert.match(served.terminal.written, /0 of 1 hosts installed/);
    assert.deepEqual(temporaryFiles(), before);
    assert.match(sshd.commands.at(-1) ?? '', /^rm -f -- \/tmp\/zdms-agent-/);
  });

  it('refuses a package for another architecture', async () => {
    sshd.answer = (command) => (command.startsWith('dpkg --print') ? { stdout: 'arm64\n' } : answerLikeAHost(command));

    assert.equal(await install(...web1(), '--accept-new'), 1);
    assert.match(served.terminal.written, /is for amd64, the host is arm64/);
  });

  it('asks for one host or for a file', async () => {
    assert.equal(await served.zdms('host', 'install'), 2);
    assert.match(served.terminal.errors, /name one host, or a file with -f/);
  });

  function temporaryFiles(): string[] {
    return readdirSync(tmpdir()).filter((name) => /^zdms-(install|scan|bastion)-/.test(name));
  }
});

function escape(text: string): string {
  return text.replace(/[+/]/g, '\\$&');
}
