import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet, Host } from '../../../controller/core/fleet.ts';
import { groupsOf } from '../../../controller/core/group.ts';
import { mayTakeOut } from '../../../controller/core/safety.ts';
import type { SafetyRules } from '../../../controller/core/standing.ts';
import { assumeUnread, worldWithout } from '../../../controller/core/what-if/other-world.ts';
import { type WhatIf, whatIf } from '../../../controller/core/what-if/what-if.ts';
import type { World } from '../../../controller/core/world.ts';
import { explain } from '../../../controller/core/explain.ts';
import { etcdHosts, etcdOf, fleetOf } from '../../support/voting.ts';
import {
  healthy,
  noLimits,
  noon,
  oneStage,
  planOf,
  rolloutOf,
  shop,
  shopHosts,
  timing,
  upgrade,
  webService,
  worldOf,
} from '../../support/world-of.ts';

function rulesOf(fleet: Fleet, hosts: readonly Host[]): SafetyRules {
  return { fleet, groups: groupsOf(fleet, hosts, () => 'VM'), timing };
}

const shopRules = rulesOf(shop, shopHosts);
const unread = { pools: new Map(), quorums: new Map() };

function lose(lost: readonly string[], world: World = worldOf(), rules = shopRules): WhatIf {
  return whatIf(lost, rules, world, noon);
}

/** `GROUP out/maxOut mayTake`, before and after. */
function lines({ groups }: WhatIf): readonly string[] {
  return groups.map(({ group, before, after }) =>
    [before, after].map((room) => `${group} ${room.out}/${room.maxOut} ${room.mayTake}`).join(' -> '),
  );
}

describe('what if hosts were lost', () => {
  it('tells what each group that is concerned would have left, and why not one more of it', () => {
    const result = lose(['web-3']);

    assert.deepEqual(lines(result), ['web 0/2 2 -> web 1/2 1']);
    assert.equal(result.groups[0]?.refusal, null);
    assert.deepEqual(lines(lose(['web-3', 'web-4'])), ['web 0/2 2 -> web 2/2 0']);
  });

  it('says that a budget would be overdrawn, and by whom', () => {
    const result = lose(['web-1', 'web-3', 'web-5']);

    assert.deepEqual(lines(result), ['web 0/2 2 -> web 3/2 0']);
    assert.equal(result.groups[0]?.refusal?.code, 'members-missing');
    assert.match(explain(result.groups[0].refusal, noon), /web-1 \(it would be lost\), web-3 .* and web-5/);
  });

  it('by a rule about domains counts only what is left in the one domain', () => {
    const result = lose(['web-1']);

    assert.deepEqual(lines(result), ['web 0/2 2 -> web 1/2 1'], 'the other one of the same zone');
  });

  it('with a balancer leaves nobody of whom all balancers say that it serves', () => {
    const result = lose(['lb-1']);

    assert.deepEqual(lines(result), ['web 0/2 2 -> web 6/2 0', 'edge 0/1 1 -> edge 1/1 0']);
  });

  it('counts the voters that a group would have left, and whether they are a majority', () => {
    const hosts = etcdHosts(3);
    const rules = rulesOf(fleetOf(etcdOf(3)), hosts);
    const world = worldOf({ members: hosts, extra: unread });

    const voters = (lost: readonly string[]): unknown => whatIf(lost, rules, world, noon).groups[0]?.after.voters;

    assert.deepEqual(voters(['etcd-1']), { count: 3, healthy: 2, majority: 2 });
    assert.deepEqual(voters(['etcd-1', 'etcd-2']), { count: 3, healthy: 1, majority: 2 });
    assert.deepEqual(voters(['etcd-1', 'etcd-2', 'etcd-3']), { count: 3, healthy: 0, majority: 2 });
    assert.deepEqual(lines(whatIf(['etcd-1'], rules, world, noon)), ['etcd 0/1 1 -> etcd 1/1 0']);
  });
});

describe('what nobody has looked at', () => {
  it('is assumed to be as declared, and said so', () => {
    const uncovered = rulesOf({ ...shop, services: [{ ...webService, pool: null }] }, shopHosts);
    const seldom = healthy('web-1', noon, { ownChecks: [] });

    assert.deepEqual(lose(['web-3'], worldOf({ extra: unread })).assumed, [
      'the pool of `web` on lb-1',
      'the pool of `web` on lb-2',
    ]);
    assert.deepEqual(lines(lose(['web-3'], worldOf({ extra: unread }))), ['web 0/2 2 -> web 1/2 1']);
    assert.deepEqual(lose(['web-3'], worldOf({ hosts: { 'web-1': seldom } }), uncovered).assumed, [
      'the checks of `web` from outside',
    ]);
  });

  it('is not assumed where it was read of late, or where an agent speaks for itself', () => {
    assert.deepEqual(lose(['web-3']).assumed, []);
    const drained = worldOf({ servers: { 'web-4': { admin: 'drain' } } });
    assert.deepEqual(lines(lose(['web-3'], drained)), ['web 1/2 1 -> web 2/2 0']);
    const sick = healthy('web-4', noon, { beats: [{ at: noon, bootId: 'b', passed: false, detail: 'status 500' }] });
    const world = worldOf({ hosts: { 'web-4': sick }, extra: unread });
    assert.deepEqual(lines(lose(['web-3'], world)), ['web 1/2 1 -> web 2/2 0']);
  });
});

describe('a rollout, if hosts were lost,', () => {
  const plan = planOf({ change: { ...upgrade, stages: oneStage } });

  it('would go on with what the budgets still allow', () => {
    const rollout = rolloutOf(plan, [{ kind: 'stageOpened', stage: 0 }]);

    const [loss] = lose(['web-1'], worldOf({ extra: { rollouts: [rollout] } })).rollouts;

    assert.equal(loss?.next, 'web-2');
    assert.deepEqual(
      loss.waits.map(({ reason, hosts }) => [reason.code, hosts]),
      [['other-domain-out', ['web-3', 'web-4', 'web-5', 'web-6']]],
    );
  });

  it('would wait, and says why', () => {
    const rollout = rolloutOf(plan, [{ kind: 'stageOpened', stage: 0 }]);

    const [loss] = lose(['web-1', 'web-2'], worldOf({ extra: { rollouts: [rollout] } })).rollouts;

    assert.equal(loss?.next, null);
    assert.deepEqual(
      loss.waits.map(({ reason, hosts }) => [reason.code, hosts.length]),
      [['members-missing', 4]],
    );
  });

  it('would be stopped by the limits too: so many silent agents at once, and we are blind', () => {
    const rollout = rolloutOf(plan, [{ kind: 'stageOpened', stage: 0 }]);
    const limits = { kind: 'limits', limits: { ...noLimits, blindPercent: 20 } } as const;
    const wide = rulesOf({ ...shop, services: [{ ...webService, maxOut: 5, oneAtATime: null }] }, shopHosts);
    const wideRollout = { ...rollout, plan: { ...plan, ...wide } };

    const [loss] = lose(
      ['web-1', 'web-2', 'web-3'],
      worldOf({ extra: { rollouts: [wideRollout], limits } }),
      wide,
    ).rollouts;

    assert.equal(loss?.next, null);
    assert.deepEqual(
      loss.waits.map(({ reason }) => reason.code),
      ['blind'],
    );
  });

  it('would not get back a host that is out and lost', () => {
    const rollout = rolloutOf(plan, [
      { kind: 'stageOpened', stage: 0 },
      { kind: 'stepDone', host: 'web-1', step: 'preflight' },
      { kind: 'stepDone', host: 'web-1', step: 'fetch' },
      { kind: 'slotTaken', host: 'web-1' },
    ]);
    const slots = [{ host: 'web-1', rollout: 'r1', takenAt: noon }];

    const [loss] = lose(['web-1', 'web-2'], worldOf({ slots, extra: { rollouts: [rollout] } })).rollouts;

    assert.deepEqual(loss?.lostWhileOut, ['web-1']);
  });
});

describe('the other world', () => {
  it('is judged as the real one would be: safety agrees about every set', () => {
    const { world } = assumeUnread(worldOf({ extra: unread }), shopRules, noon);
    const lost = new Set(['web-3']);

    const down = worldOf({ hosts: { 'web-3': null }, servers: { 'web-3': { up: false } } });

    for (const set of [['web-1'], ['web-4'], ['web-4', 'web-1'], ['web-3', 'web-4'], ['lb-1'], ['lb-1', 'web-4']])
      assert.deepEqual(
        mayTakeOut(set, shopRules, worldWithout(world, lost), noon)?.code,
        mayTakeOut(set, shopRules, down, noon)?.code,
        set.join(),
      );
  });
});
