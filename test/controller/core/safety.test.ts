import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { explain } from '../../../controller/core/explain.ts';
import { mayTakeOut } from '../../../controller/core/safety.ts';
import type { World } from '../../../controller/core/world.ts';
import { healthy, noon, planOf, shop, slotsOf, timing, worldOf } from '../../support/world-of.ts';

const rules = { fleet: shop, groups: planOf().groups, timing };

function verdict(candidates: readonly string[], world = worldOf(), now = noon): string {
  return mayTakeOut(candidates, rules, world, now)?.code ?? 'yes';
}

function sentence(candidates: readonly string[], world: World): string {
  const refusal = mayTakeOut(candidates, rules, world, noon);
  return refusal === null ? 'yes' : explain(refusal, noon);
}

describe('mayTakeOut', () => {
  it('lets one host out when everything serves', () => {
    assert.equal(verdict(['web-1']), 'yes');
  });

  it('lets two hosts of one zone out, since the budget is two', () => {
    assert.equal(verdict(['web-1', 'web-2']), 'yes');
  });

  it('refuses the third, since the budget is spent', () => {
    assert.equal(verdict(['web-3'], worldOf({ slots: slotsOf('web-1', 'web-2') })), 'budget-spent');
  });

  it('refuses a second zone while a host of the first is out', () => {
    assert.equal(verdict(['web-3'], worldOf({ slots: slotsOf('web-1') })), 'other-domain-out');
  });

  it('refuses two candidates of two zones at once', () => {
    assert.equal(verdict(['web-1', 'web-3']), 'other-domain-out');
  });

  it('counts a host that is down without us as out', () => {
    const down = {
      'web-2': healthy('web-2', noon, {
        beats: [{ at: noon, bootId: 'boot-of-web-2', passed: false, detail: 'status 500' }],
      }),
    };

    assert.equal(verdict(['web-1'], worldOf({ hosts: down })), 'yes');
    assert.equal(verdict(['web-3'], worldOf({ hosts: down })), 'other-domain-out');
    assert.equal(
      sentence(['web-3'], worldOf({ hosts: down })),
      'waits: `web` allows one zone at a time, and in zone a these do not serve: web-2 (check failed: status 500)',
    );
  });

  it('counts a host that never reported as out', () => {
    assert.equal(verdict(['web-1'], worldOf({ hosts: { 'web-3': null, 'web-4': null } })), 'members-missing');
  });

  it('counts a member that is declared but does not exist as out', () => {
    const [web] = rules.groups;
    assert.ok(web);
    const short = { ...rules, groups: [{ ...web, size: 8 }] };

    const refusal = mayTakeOut(['web-1'], short, worldOf(), noon);

    assert.equal(refusal?.code, 'members-missing');
  });

  it('believes no report that is older than 30 s', () => {
    assert.equal(verdict(['web-1'], worldOf(), noon + 31_000), 'members-missing');
  });

  it('believes no fact from the future, which a clock that was set back makes of old ones', () => {
    assert.equal(verdict(['web-1'], worldOf(), noon - 31_000), 'members-missing');
    assert.equal(verdict(['web-1'], worldOf(), noon - 6_000), 'members-missing');
    assert.equal(verdict(['web-1'], worldOf(), noon - 100), 'yes');
    assert.equal(
      verdict(['web-1'], worldOf({ hosts: { 'web-3': healthy('web-3', noon + 31_000) } })),
      'other-domain-out',
    );
  });

  it('believes no balancer from before our last step on the host', () => {
    const read = worldOf({ at: noon - 1000 });
    const world = { ...worldOf({ extra: { lastEffectAt: new Map([['web-3', noon - 500]]) } }), pools: read.pools };

    assert.equal(verdict(['web-1'], world), 'other-domain-out');
  });

  it('believes no balancer that was read more than 5 s ago', () => {
    assert.equal(verdict(['web-1'], worldOf(), noon + 6_000), 'members-missing');
  });

  it('believes no report from before our last step on the host', () => {
    const world = worldOf({ extra: { lastEffectAt: new Map([['web-3', noon + 1]]) } });

    assert.equal(verdict(['web-1'], world, noon + 2), 'other-domain-out');
  });

  it('believes no report of another boot', () => {
    const world = worldOf({ extra: { bootIds: new Map([['web-3', 'the-new-one']]) } });

    assert.equal(verdict(['web-1'], world), 'other-domain-out');
  });

  for (const [name, server] of Object.entries({
    drained: { admin: 'drain' },
    closed: { admin: 'maint' },
    down: { up: false },
    'at half weight': { weightPercent: 50 },
  } as const)) {
    it(`counts a host that a balancer shows ${name} as out`, () => {
      assert.equal(verdict(['web-1'], worldOf({ servers: { 'web-3': server } })), 'other-domain-out');
    });
  }

  it('refuses everything while a balancer cannot be read', () => {
    const world = worldOf();
    const pools = new Map([...world.pools].slice(1));

    assert.equal(verdict(['web-1'], { ...world, pools }), 'members-missing');
  });

  it('never takes a balancer that has to put somebody back', () => {
    const world = worldOf({ slots: slotsOf('web-1'), extra: { obligations: [{ host: 'web-1', balancer: 'lb-1' }] } });

    assert.equal(verdict(['lb-1'], world), 'carries-obligation');
  });
});

describe('a host that still has to be put back', () => {
  it('keeps its balancer in its place, though it holds no slot any more', () => {
    const owing = worldOf({ extra: { obligations: [{ host: 'web-1', balancer: 'lb-1' }] } });

    assert.equal(verdict(['lb-1'], owing), 'carries-obligation');
    assert.equal(verdict(['lb-2'], owing), 'yes');
  });
});

describe('a host and its balancer', () => {
  it('are not taken together', () => {
    assert.equal(verdict(['web-1', 'lb-1']), 'carries-obligation');
  });

  it('are not taken one after the other either', () => {
    assert.equal(verdict(['lb-1'], worldOf({ slots: slotsOf('web-1') })), 'carries-obligation');
    assert.equal(verdict(['web-1'], worldOf({ slots: slotsOf('lb-1') })), 'balancer-out');
  });
});
