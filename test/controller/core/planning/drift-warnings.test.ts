import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../../controller/core/change.ts';
import type { Drift, Inventory } from '../../../../controller/core/inventory.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import { inventoryOf, noon, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

const rights = { mode: 0o644, owner: 'root', group: 'root' };
const motd = {
  ...{ path: '/etc/motd', content: 'x', template: false, drain: false, ...rights },
  then: { kind: 'nothing' },
} as const;

/** The shop, where this file is no longer as zdms put it on these hosts. */
function inventoryWith(path: string, drift: readonly Drift[], hosts: readonly string[]): Inventory {
  return inventoryOf(shopHosts).map(({ host, report }) => {
    if (report === null || report.survey === null) return { host, report };
    const files = [{ path, drift: hosts.includes(host.id) ? drift : [] }];
    return { host, report: { ...report, survey: { ...report.survey, files } } };
  });
}

function warningsOf(inventory: Inventory, more: Partial<Change> = {}): readonly string[] {
  const change: Change = { ...upgrade, packages: [], reboot: 'ifNeeded', files: [motd], ...more };
  return makePlan(shop, inventory, change, noon).warnings;
}

describe('a plan that brings a file which somebody has changed since zdms put it there', () => {
  const web1: Change['where'] = { kind: 'ids', ids: ['web-1'] };

  it('says on which hosts that is lost', () => {
    assert.deepEqual(warningsOf(inventoryWith('/etc/motd', ['content'], ['web-1', 'web-2', 'web-3', 'web-4'])), [
      '/etc/motd is no longer as zdms put it on 4 hosts (web-1, web-2, web-3 and 1 more): what was changed there since is overwritten, and kept for a way back',
    ]);
    assert.match(warningsOf(inventoryWith('/etc/motd', ['mode'], ['web-1'])).join(), /on 1 host \(web-1\): /);
  });

  it('says nothing of other files, of hosts that do not get it, and where it is gone', () => {
    assert.deepEqual(warningsOf(inventoryWith('/etc/shop', ['content'], ['web-1'])), []);
    assert.deepEqual(warningsOf(inventoryWith('/etc/motd', ['content'], ['web-2']), { where: web1 }), []);
    assert.deepEqual(warningsOf(inventoryWith('/etc/motd', ['gone'], ['web-1'])), []);
  });
});
