import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Plan } from '../../../../controller/core/plan.ts';
import { planDifference } from '../../../../controller/core/planning/plan-difference.ts';
import { oneStage, planOf, shop, upgrade } from '../../../support/world-of.ts';

const plan = planOf();
const nothing = { added: [], removed: [], leftOut: [], versions: [], reboots: [], moved: [], rules: [] };

function withHosts(change: (hosts: Plan['hosts']) => Plan['hosts'], leftOut: Plan['leftOut'] = []): Plan {
  return { ...plan, hosts: change(plan.hosts), leftOut };
}

describe('two plans', () => {
  it('differ in nothing when they do the same, whenever they were made', () => {
    assert.deepEqual(
      planDifference(plan, { ...planOf(), createdAt: plan.createdAt + 1, hash: 'e'.repeat(64) }),
      nothing,
    );
  });

  it('differ in hosts that only one of them has, and why the second leaves them', () => {
    const reason = { code: 'no-report' } as const;
    const fewer = withHosts((hosts) => hosts.slice(2), [{ host: 'web-1', reason }]);

    assert.deepEqual(planDifference(plan, fewer).removed, [
      { host: 'web-1', reason },
      { host: 'web-2', reason: null },
    ]);
    assert.deepEqual(planDifference(fewer, plan).added, ['web-1', 'web-2']);
  });

  it('differ in hosts that both leave out for different reasons, but not in that a survey grew older', () => {
    const left = (reason: Plan['leftOut'][number]['reason']): Plan =>
      withHosts((hosts) => hosts, [{ host: 'db-1', reason }]);
    const held = { code: 'package-held', package: 'zdemo' } as const;

    assert.deepEqual(planDifference(left({ code: 'no-report' }), left(held)).leftOut, [
      { host: 'db-1', from: { code: 'no-report' }, to: held },
    ]);
    assert.deepEqual(planDifference(left(held), plan).leftOut, [{ host: 'db-1', from: held, to: null }]);
    assert.deepEqual(
      planDifference(left({ code: 'survey-old', ageMs: 1 }), left({ code: 'survey-old', ageMs: 2 })).leftOut,
      [],
    );
  });

  it('differ in versions and reboots of a host', () => {
    const other = withHosts((hosts) =>
      hosts.map((each) => {
        if (each.host === 'web-1')
          return { ...each, packages: each.packages.map((one) => ({ ...one, version: '1.2.0' })) };
        return each.host === 'web-2' ? { ...each, packages: [], reboot: false } : each;
      }),
    );

    const { versions, reboots } = planDifference(plan, other);

    assert.deepEqual(versions, [
      { host: 'web-1', name: 'zdemo', from: '1.1.0', to: '1.2.0' },
      { host: 'web-2', name: 'zdemo', from: '1.1.0', to: null },
    ]);
    assert.deepEqual(reboots, [{ host: 'web-2', from: true, to: false }]);
  });

  it('differ in where a host comes, and in the rules that put it there', () => {
    const change = { ...upgrade, stages: oneStage, barrier: true };
    const fleet = { ...shop, services: shop.services.map((each) => ({ ...each, oneAtATime: null, maxOut: 1 })) };

    const { moved, rules } = planDifference(plan, planOf({ change, fleet }));

    assert.deepEqual(moved.slice(0, 2), [
      { host: 'web-1', from: { stage: 'canary', wave: 1 }, to: { stage: 'all', wave: 1 } },
      { host: 'web-2', from: { stage: 'rest', wave: 2 }, to: { stage: 'all', wave: 2 } },
    ]);
    assert.deepEqual(rules, ['stages of the change', 'barrier of the change', 'services of the fleet']);
  });
});
