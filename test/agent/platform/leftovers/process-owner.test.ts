import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ownerOf } from '../../../../agent/platform/leftovers/process-owner.ts';

describe('a process belongs', () => {
  const owners: readonly (readonly [string, number, string, unknown])[] = [
    ['to systemd itself', 1, '0::/init.scope\n', { kind: 'manager' }],
    ['to its service', 812, '0::/system.slice/ssh.service\n', { kind: 'unit', unit: 'ssh.service' }],
    [
      'to its service, in a slice of its own and however that divides its group',
      900,
      '0::/system.slice/system-web.slice/web@1.service/workers\n',
      { kind: 'unit', unit: 'web@1.service' },
    ],
    [
      'to its service, on a host with both versions of control groups',
      900,
      '12:pids:/\n3:cpu,cpuacct:/system.slice\n1:name=systemd:/system.slice/nginx.service\n0::/\n',
      { kind: 'unit', unit: 'nginx.service' },
    ],
    [
      'to its service, in a container on such a host',
      900,
      '4:memory:/\n1:name=systemd:/\n0::/system.slice/zdemo.service\n',
      { kind: 'unit', unit: 'zdemo.service' },
    ],
    ['to a login', 77, '0::/user.slice/user-1000.slice/session-4.scope\n', { kind: 'session' }],
    [
      'to a login, as a service of its person',
      77,
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/agent.service\n',
      { kind: 'session' },
    ],
    ['to nobody: a virtual machine', 78, '0::/machine.slice/machine-qemu.scope\n', { kind: 'stray' }],
    ['to nobody: it has ended', 79, '', { kind: 'stray' }],
  ];
  for (const [title, pid, cgroup, owner] of owners) it(title, () => assert.deepEqual(ownerOf(pid, cgroup), owner));
});
