import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../../controller/core/change.ts';
import type { Inventory, WayBack } from '../../../../controller/core/inventory.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import type { PlanBody } from '../../../../controller/core/plan.ts';
import { inventoryOf, noon, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

/** Each web host with two packages, of which the survey says this in their order; null: its agent could not tell. */
function inventoryWith(ways: Readonly<Record<string, readonly (WayBack | null)[]>>): Inventory {
  return inventoryOf(shopHosts).map((entry) => {
    const survey = entry.report?.survey;
    const [zdemo] = survey?.packages ?? [];
    if (survey === undefined || survey === null || zdemo === undefined || entry.report === null) return entry;
    const packages = (ways[entry.host.id] ?? ['kept', 'kept']).map((wayBack, at) => {
      return { ...zdemo, name: at === 0 ? 'zdemo' : 'zlib', ...(wayBack === null ? {} : { wayBack }) };
    });
    return { ...entry, report: { ...entry.report, survey: { ...survey, packages } } };
  });
}

function planFor(ways: Parameters<typeof inventoryWith>[0], more: Partial<Change> = {}): PlanBody {
  const packages = ['zdemo', 'zlib'].map((name) => ({ name, version: '1.1.0' }));
  return makePlan(shop, inventoryWith(ways), { ...upgrade, packages, ...more }, noon);
}

function wayOf({ hosts }: PlanBody, id: string): string {
  const found = hosts.find(({ host }) => host === id);
  return found === undefined ? 'left out' : (found.wayBack ?? 'unknown');
}

describe('the way back of a host', () => {
  it('is what it has kept, where it has kept all of it', () => {
    assert.equal(wayOf(planFor({}), 'web-1'), 'kept');
  });

  it('is as weak as that of its weakest package', () => {
    assert.equal(wayOf(planFor({ 'web-1': ['kept', 'offered'], 'web-2': ['offered', 'kept'] }), 'web-1'), 'offered');
    assert.equal(wayOf(planFor({ 'web-1': ['kept', 'offered'], 'web-2': ['offered', 'kept'] }), 'web-2'), 'offered');
  });

  it('is missing where one package cannot be had again: the host is left out, and told why', () => {
    const plan = planFor({ 'web-3': ['kept', 'none'] });

    assert.equal(wayOf(plan, 'web-3'), 'left out');
    const reason = { code: 'no-way-back', package: 'zlib', installed: '1.0.0' };
    assert.deepEqual(plan.leftOut, [{ host: 'web-3', reason }]);
    assert.equal(plan.hosts.length, 5);
  });

  it('has a snapshot of its root beside it, where it takes one', () => {
    const inventory = inventoryWith({}).map((entry) =>
      entry.host.id === 'web-3' && entry.report?.survey
        ? { ...entry, report: { ...entry.report, survey: { ...entry.report.survey, keepsRoot: true } } }
        : entry,
    );
    const { hosts } = makePlan(shop, inventory, upgrade, noon);
    assert.deepEqual(
      hosts.filter(({ keepsRoot }) => keepsRoot).map(({ host }) => host),
      ['web-3'],
    );
  });

  it('may be missing where the change signs that off, and the plan says so', () => {
    const plan = planFor({ 'web-3': ['kept', 'none'] }, { wayBack: 'ifPossible' });

    assert.equal(wayOf(plan, 'web-3'), 'none');
    assert.deepEqual(plan.leftOut, []);
  });

  it('is unknown where the agent cannot tell, which leaves nobody out', () => {
    const plan = planFor({ 'web-1': [null, null], 'web-2': ['kept', null] });

    assert.deepEqual([wayOf(plan, 'web-1'), wayOf(plan, 'web-2')], ['unknown', 'unknown']);
    assert.equal(wayOf(planFor({ 'web-2': ['none', null] }), 'web-2'), 'left out');
  });

  it('is no matter where only packages with one are changed', () => {
    const packages = [{ name: 'zdemo', version: '1.1.0' }];

    assert.equal(wayOf(planFor({ 'web-3': ['kept', 'none'] }, { packages }), 'web-3'), 'kept');
  });
});
