import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { unitHandling } from '../../../../agent/platform/leftovers/unit-handling.ts';
import type { UnitFacts } from '../../../../agent/platform/units/units.ts';

function handlingOf(unit: string, facts: Partial<UnitFacts> = {}, old: readonly number[] = [100]): string {
  const plain = { type: 'simple', isTransient: false, refusesRestart: false, killsOnlyMain: false, mainProcess: 100 };
  return unitHandling(unit, { unit, ...plain, ...facts }, old);
}

describe('a unit that runs old files', () => {
  it('is restarted', () => {
    for (const unit of [
      'nginx.service',
      'php8.2-fpm.service',
      'systemd-journald.service',
      'ssh.service',
      'networkd-dispatcher.service',
    ])
      assert.equal(handlingOf(unit), 'restart', unit);
  });

  it('is left to a reboot where users, the bus or the network would go with it', () => {
    const units = [
      ...['dbus.service', 'dbus-broker.service', 'systemd-logind.service', 'gdm.service', 'getty@tty1.service'],
      ...[
        'systemd-networkd.service',
        'NetworkManager.service',
        'networking.service',
        'ifup@eth0.service',
        'docker.service',
      ],
    ];
    for (const unit of units) assert.equal(handlingOf(unit), 'reboot', unit);
  });

  it('is left to a reboot where systemd lets nobody stop or start it', () => {
    assert.equal(handlingOf('auditd.service', { refusesRestart: true }), 'reboot');
  });

  it('is left alone where it ends by itself', () => {
    assert.equal(handlingOf('backup.service', { type: 'oneshot' }), 'passing');
    assert.equal(handlingOf('run-r12.service', { isTransient: true }), 'passing');
    assert.equal(handlingOf('sshd@7-10.0.0.1:22-10.0.0.9:50812.service'), 'passing');
    assert.equal(unitHandling('gone.service', undefined, [7]), 'passing');
  });

  it('is left alone where only what a restart leaves running is old, as logins of sshd', () => {
    const sshd = { killsOnlyMain: true, mainProcess: 812 };
    assert.equal(handlingOf('ssh.service', sshd, [900, 901]), 'passing');
    assert.equal(handlingOf('ssh.service', sshd, [812, 900]), 'restart');
  });

  it('of zdms is restarted where it begins again where it was, and never under a step at work', () => {
    assert.equal(handlingOf('zdms-agent.service'), 'restart');
    assert.equal(handlingOf('zdms-r1.web-1.apply.4.service'), 'passing');
  });
});
