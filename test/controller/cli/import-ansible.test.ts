import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Context } from 'mocha';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { parseHostsFile } from '../../../controller/cli/install/install-target.ts';
import { thisMachine } from '../../../controller/cli/this-machine.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { skipBecause } from '../../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

const inventory = {
  _meta: {
    hostvars: {
      'etcd-1': { ansible_host: '10.0.0.5', ansible_port: 2222, availability_zone: 'b', rack: 'b1' },
      'web-1.shop.example': { ansible_user: 'ops', availability_zone: 'a' },
      'web-2.shop.example': { ansible_user: 'ops', availability_zone: 'a' },
    },
  },
  all: { children: ['ungrouped', 'production', 'monitored'] },
  production: { children: ['web', 'etcd'] },
  web: { hosts: ['web-1.shop.example', 'web-2.shop.example'] },
  etcd: { hosts: ['etcd-1'] },
  monitored: { hosts: ['web-1.shop.example'] },
};

const ini = `[web]
web-[1:2].shop.example ansible_user=ops
[web:vars]
zone=a
[etcd]
etcd-1 ansible_host=10.0.0.5 zone=b
`;

describe('zdms import ansible', () => {
  let terminal: FakeTerminal;
  let directory: string;

  beforeEach(() => {
    terminal = new FakeTerminal();
    directory = temporaryDirectory();
  });

  afterEach(() => removeTemporaryDirectories());

  function importAnsible(name: string, text: string, ...more: readonly string[]): Promise<number> {
    const file = join(directory, name);
    writeFileSync(file, text);
    return runCli(['import', 'ansible', file, ...more], { ...thisMachine, terminal, environment: {}, operator: 'ada' });
  }

  it('makes a hosts file that host install reads: addresses, users, ports, roles by group, labels by variable', async () => {
    const label = ['--label', 'zone=availability_zone', 'rack=rack'];

    assert.equal(await importAnsible('i.json', JSON.stringify(inventory), '--role', 'web', 'etcd', ...label), 0);

    assert.equal(
      terminal.written,
      [
        'ops@web-1.shop.example id=web-1 role=web zone=a',
        'ops@web-2.shop.example id=web-2 role=web zone=a',
        '10.0.0.5 id=etcd-1 port=2222 role=etcd zone=b rack=b1\n',
      ].join('\n'),
    );
    assert.equal(parseHostsFile(terminal.written, 'hosts.txt').length, 3);
  });

  it('asks which groups are roles where a host is in several', async () => {
    assert.equal(await importAnsible('i.json', JSON.stringify(inventory)), 2);

    assert.match(terminal.errors, /web-1\.shop\.example has one role and not monitored, web: say --role/);
    assert.equal(terminal.written, '');
  });

  it('keeps whole names where their first parts are the same', async () => {
    const names = ['web-1.eu.example', 'web-1.us.example'];

    await importAnsible('i.json', JSON.stringify({ _meta: { hostvars: {} }, web: { hosts: names } }));

    assert.match(terminal.written, /id=web-1\.eu\.example.*\n.*id=web-1\.us\.example/);
  });

  it('writes nothing where a host has no place in a hosts file, and names each one', async () => {
    const hostvars = { a: { zone: 'Frankfurt am Main' }, b: { ansible_port: 'ssh' } };

    assert.equal(await importAnsible('i.json', JSON.stringify({ _meta: { hostvars }, web: { hosts: ['a', 'b'] } })), 2);

    assert.match(terminal.errors, /a: `zone=Frankfurt am Main` is not KEY=VALUE\nb: `ssh` is no port/);
    assert.equal(terminal.written, '');
  });

  it('refuses a file that Ansible did not print', async () => {
    assert.equal(await importAnsible('i.json', '[]'), 2);

    assert.match(terminal.errors, /is not what `ansible-inventory --list` prints/);
  });

  it('lets Ansible itself read an inventory', async function (this: Context) {
    this.timeout(60_000);
    if (spawnSync('ansible-inventory', ['--version']).status !== 0) skipBecause(this, 'no Ansible on this machine');

    assert.equal(await importAnsible('inventory.ini', ini), 0);

    assert.match(terminal.written, /^ops@web-1\.shop\.example id=web-1 role=web zone=a$/m);
    assert.match(terminal.written, /^10\.0\.0\.5 id=etcd-1 role=etcd zone=b$/m);
  });
});
