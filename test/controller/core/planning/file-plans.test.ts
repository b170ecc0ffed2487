import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../../controller/core/change.ts';
import type { FileAction, WantedFile } from '../../../../controller/core/files.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import type { HostPlan, PlanBody } from '../../../../controller/core/plan.ts';
import { inventoryOf, noon, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

const reload: FileAction = { kind: 'reload', unit: 'nginx.service' };

function fileWith(then: FileAction, more: Partial<WantedFile> = {}): WantedFile {
  const rights = { mode: 0o644, owner: 'root', group: 'root' };
  return { path: '/etc/nginx/x.conf', content: 'x', template: false, ...rights, then, drain: false, ...more };
}

function planFor(files: readonly WantedFile[], more: Partial<Change> = {}, hosts = shopHosts): PlanBody {
  const change: Change = { ...upgrade, packages: [], reboot: 'ifNeeded', files, ...more };
  return makePlan(shop, inventoryOf(hosts), change, noon);
}

function web1({ hosts }: PlanBody): HostPlan {
  return hosts.find(({ host }) => host === 'web-1') ?? assert.fail('web-1 is left out');
}

const withUsers = ['preflight', 'fetch', 'takeOut', 'apply', 'verify', 'settle'];
const drained = ['preflight', 'fetch', 'takeOut', 'drain', 'apply', 'verify', 'undrain', 'settle'];

describe('a plan that brings files', () => {
  it('leaves its users with a host where its files say so', () => {
    for (const then of [reload, { kind: 'nothing' } as const]) {
      const plan = web1(planFor([fileWith(then)]));
      assert.deepEqual(plan.steps, withUsers);
      assert.deepEqual([plan.undrained, plan.reboot], [true, false]);
    }
  });

  it('drains a host for one file that says so', () => {
    const plan = web1(planFor([fileWith(reload), fileWith(reload, { path: '/b', drain: true })]));

    assert.deepEqual(plan.steps, drained);
    assert.deepEqual([plan.undrained, plan.reboot], [undefined, false]);
  });

  it('reboots a host for a file that wants it, and for a change that always does', () => {
    for (const plan of [planFor([fileWith({ kind: 'reboot' })]), planFor([fileWith(reload)], { reboot: 'always' })]) {
      assert.deepEqual(web1(plan).steps, [
        'preflight',
        'fetch',
        'takeOut',
        'drain',
        'apply',
        'reboot',
        'verify',
        'undrain',
        'settle',
      ]);
      assert.equal(web1(plan).reboot, true);
    }
  });

  it('has one drain for files and packages together', () => {
    const plan = web1(planFor([fileWith(reload)], { packages: upgrade.packages }));

    assert.equal(plan.packages.length, 1);
    assert.equal(plan.steps.filter((step) => step === 'drain').length, 1);
    assert.deepEqual(plan.facts, {});
  });

  it('fills templates with what each host is, and knows only the facts that they ask for', () => {
    const file = fileWith(reload, { content: '{{ host }} in {{ label.zone }}', template: true });

    assert.deepEqual(web1(planFor([file])).facts, { host: 'web-1', 'label.zone': 'a' });
  });

  it('leaves out a host of which nobody has said a fact, and says so', () => {
    const file = fileWith(reload, { content: '{{ label.owner }}', template: true });
    const owned = shopHosts.map((host) =>
      host.id === 'web-2' ? { ...host, labels: { ...host.labels, owner: 'ada' } } : host,
    );

    const plan = planFor([file], {}, owned);

    assert.deepEqual(
      plan.hosts.map(({ host }) => host),
      ['web-2'],
    );
    assert.deepEqual(plan.leftOut[0]?.reason, { code: 'fact-missing', path: file.path, fact: 'label.owner' });
  });

  it('takes no fact for a word that could be more than text to who reads the file', () => {
    const file = fileWith(reload, { content: '{{ label.owner }}', template: true });
    const hostile = shopHosts.map((host) => ({ ...host, labels: { ...host.labels, owner: 'ada; load_module x' } }));

    assert.deepEqual(planFor([file], {}, hostile).hosts, []);
  });
});
