import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../controller/core/change.ts';
import { orderFor } from '../../../controller/runner/orders.ts';
import { noon, planOf, rolloutOf, shop, timing, upgrade } from '../../support/world-of.ts';

const validity = timing.orderValidityMs;

describe('an order', () => {
  const rollout = rolloutOf(planOf());

  it('is the same whenever it is signed in the first half of its validity', () => {
    assert.deepEqual(orderFor(rollout, 'web-1', timing, noon), orderFor(rollout, 'web-1', timing, noon + validity / 3));
    assert.equal(orderFor(rollout, 'web-1', timing, noon).notAfter, noon + validity);
  });

  it('wants a way back where its change does, but never from a way back', () => {
    const wanted = (change: Change) => orderFor(rolloutOf(planOf({ change })), 'web-1', timing, noon).wayBackRequired;

    assert.equal(wanted(upgrade), true);
    assert.equal(wanted({ ...upgrade, wayBack: 'ifPossible' }), false);
    assert.equal(wanted({ ...upgrade, packages: { undo: 'k3x9p' } }), false);
  });

  it('brings the files of its change, filled in for its host', () => {
    const rights = { mode: 0o644, owner: 'root', group: 'root' };
    const file = {
      path: '/etc/x',
      content: '{{ host }}',
      template: true,
      ...rights,
      then: { kind: 'nothing' },
      drain: false,
    } as const;
    const change = { ...upgrade, files: [file] };

    const { files } = orderFor(rolloutOf(planOf({ change })), 'web-1', timing, noon);

    assert.deepEqual(files, [{ path: '/etc/x', content: 'web-1', ...rights, then: { kind: 'nothing' } }]);
    assert.equal('files' in orderFor(rollout, 'web-1', timing, noon), false);
  });

  it('brings the firmware of its host, and has no such field where there is none', () => {
    const bios = { device: 'b'.repeat(40), from: '7', version: '8', sha256: null };
    const plan = planOf();
    const [first, ...others] = plan.hosts;
    assert.ok(first !== undefined);
    const hosts = [{ ...first, firmware: [{ ...bios, name: 'System Firmware', needsReboot: true }] }, ...others];

    const { firmware } = orderFor(rolloutOf({ ...plan, hosts }), first.host, timing, noon);

    assert.deepEqual(firmware, [bios]);
    assert.equal('firmware' in orderFor(rollout, 'web-1', timing, noon), false);
  });

  it('spares people who are logged in where the policy does, and has no such field elsewhere', () => {
    const fleet = { ...shop, policy: { ...shop.policy, loggedInUsers: 'refuse' as const } };

    assert.equal(orderFor(rolloutOf(planOf({ fleet })), 'web-1', timing, noon).loggedInUsers, 'refuse');
    assert.equal('loggedInUsers' in orderFor(rollout, 'web-1', timing, noon), false);
  });

  it('is signed anew while its rollout is open, so that a host held for weeks can be put back', () => {
    for (const later of [0.5, 1, 3.7, 40]) {
      const now = noon + later * validity;
      const { notAfter, ...order } = orderFor(rollout, 'web-1', timing, now);

      assert.ok(notAfter - now >= validity / 2 && notAfter - now <= validity, String(later));
      assert.deepEqual({ ...order, notAfter: 0 }, { ...orderFor(rollout, 'web-1', timing, noon), notAfter: 0 });
    }
  });
});
