import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Host } from '../../../controller/core/fleet.ts';
import { groupsOf } from '../../../controller/core/group.ts';
import { majorityOf, memberDoubt, quorumView, votersKept } from '../../../controller/core/quorum.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import { mayTakeOut } from '../../../controller/core/safety.ts';
import type { World } from '../../../controller/core/world.ts';
import { etcdHosts, etcdOf, fleetOf, type GroupLook, groupReadings, member } from '../../support/voting.ts';
import { healthy, hostOf, noon, slotsOf, timing, worldOf } from '../../support/world-of.ts';

const three = etcdHosts(3);

function worldWith(hosts: readonly Host[], look: GroupLook = {}, extra: Partial<World> = {}): World {
  const quorums = new Map([['etcd', groupReadings(hosts, noon, look)]]);
  return worldOf({ members: hosts, extra: { quorums, ...extra } });
}

/** Asked of a group that allows one rack at a time unless said otherwise. */
function refusal(candidates: readonly string[], world: World, hosts: readonly Host[] = three): Reason | null {
  const fleet = fleetOf({ ...etcdOf(hosts.length), oneAtATime: null });
  return mayTakeOut(candidates, { fleet, groups: groupsOf(fleet, hosts, () => ''), timing }, world, noon);
}

function notServing(reason: Reason | null): readonly string[] {
  return reason?.code === 'members-missing' ? reason.notServing.map((each) => `${each.host} ${each.because}`) : [];
}

/** One member says something else than the others. */
function saidBy(asked: string, look: GroupLook, hosts: readonly Host[] = three): World {
  const others = groupReadings(hosts, noon);
  const its = groupReadings(hosts, noon, look).get(asked);
  return worldWith(hosts, {}, { quorums: new Map([['etcd', new Map([...others, [asked, its ?? never()]])]]) });
}

function never(): never {
  throw new Error('no such member');
}

describe('a group of voters', () => {
  for (const [voters, majority, kept] of [
    [1, 1, 1],
    [2, 2, 2],
    [3, 2, 2],
    [4, 3, 3],
    [5, 3, 4],
    [7, 4, 5],
    [9, 5, 6],
  ] as const) {
    it(`of ${voters} has a majority of ${majority} and keeps ${kept}`, () => {
      assert.deepEqual([majorityOf(voters), votersKept(voters, 1)], [majority, kept]);
    });
  }
});

describe('mayTakeOut of a group that votes', () => {
  it('lets one of three out when all others call each other well', () => {
    assert.equal(refusal(['etcd-2'], worldWith(three)), null);
  });

  for (const size of [3, 4, 5, 7]) {
    it(`lets ${size - votersKept(size, 1)} of ${size} out and not one more`, () => {
      const hosts = etcdHosts(size);
      const most = hosts.slice(0, size - votersKept(size, 1)).map((host) => host.id);

      assert.equal(refusal(most, worldWith(hosts), hosts), null);
      assert.equal(refusal([...most, `etcd-${size}`], worldWith(hosts), hosts)?.code, 'budget-spent');
    });
  }

  it('refuses a second one while the first is out', () => {
    const out = worldWith(three, {}, { slots: slotsOf('etcd-1') });

    assert.deepEqual(refusal(['etcd-2'], out), { code: 'budget-spent', group: 'etcd', maxOut: 1, out: ['etcd-1'] });
  });

  it('refuses while an unrelated member is dead, and says which', () => {
    assert.deepEqual(notServing(refusal(['etcd-2'], worldWith(three, { sick: ['etcd-3'], silent: ['etcd-3'] }))), [
      'etcd-3 group-unhealthy',
    ]);
  });

  it('lets the dead one itself out: that costs nothing more', () => {
    assert.equal(refusal(['etcd-3'], worldWith(three, { sick: ['etcd-3'], silent: ['etcd-3'] })), null);
  });

  it('refuses a live group of two, whatever was declared', () => {
    const world = worldWith(three.slice(0, 2));

    assert.deepEqual(refusal(['etcd-1'], world, three.slice(0, 2)), {
      code: 'quorum-too-small',
      group: 'etcd',
      voters: 2,
    });
  });

  it('counts a learner as no voter, so that of three members two vote', () => {
    assert.equal(refusal(['etcd-1'], worldWith(three, { learners: ['etcd-3'] }))?.code, 'quorum-too-small');
  });

  it('refuses while a member lags, and lets it catch up first', () => {
    assert.deepEqual(notServing(refusal(['etcd-1'], worldWith(three, { lag: { 'etcd-2': 513 } }))), [
      'etcd-2 group-lagging',
    ]);
    assert.equal(refusal(['etcd-1'], worldWith(three, { lag: { 'etcd-2': 512 } })), null);
  });

  it('refuses while nobody can tell how far a member is behind', () => {
    assert.deepEqual(notServing(refusal(['etcd-1'], worldWith(three, { lag: { 'etcd-2': null } }))), [
      'etcd-2 group-lagging',
    ]);
  });

  it('refuses everything when no member has answered of late', () => {
    const stale = groupReadings(three, noon - timing.quorumStaleMs - 1);

    for (const quorums of [new Map<string, never>(), new Map([['etcd', stale]])])
      assert.equal(refusal(['etcd-1'], worldWith(three, {}, { quorums }))?.code, 'quorum-unknown');
  });

  it('believes a reading that is just not stale', () => {
    const old = groupReadings(three, noon - timing.quorumStaleMs);

    assert.equal(refusal(['etcd-1'], worldWith(three, {}, { quorums: new Map([['etcd', old]]) })), null);
  });

  it('does not ask a member about itself: with one voice only, nobody vouches for that voice', () => {
    const world = worldWith(three, { silent: ['etcd-1', 'etcd-3'] });

    assert.deepEqual(notServing(refusal(['etcd-1'], world)), ['etcd-2 group-unknown']);
  });

  it('believes one doubt against all others: views may differ across a broken network', () => {
    const world = saidBy('etcd-1', { sick: ['etcd-3'] });

    assert.deepEqual(notServing(refusal(['etcd-2'], world)), ['etcd-3 group-unhealthy']);
  });

  it('takes no word of a member against itself as one against it', () => {
    assert.equal(refusal(['etcd-2'], saidBy('etcd-3', { sick: ['etcd-3'] })), null);
  });

  it('counts what was said before our last step on a member as nothing', () => {
    const since = worldWith(three, {}, { lastEffectAt: new Map([['etcd-3', noon + 1]]) });

    assert.deepEqual(notServing(refusal(['etcd-2'], since)), ['etcd-3 report-void']);
    assert.equal(memberDoubt('etcd', 'etcd-3', timing, since, noon)?.because, 'group-unknown');
  });

  it('counts a sick or lagging voter that no host of the fleet is known for as out', () => {
    for (const trouble of [{ healthy: false }, { lag: 513 }, { lag: null }]) {
      const world = worldWith(three, { strangers: [member('etcd-9', trouble)] });

      assert.equal(refusal(['etcd-1'], world)?.code, 'members-missing');
    }
  });

  it('counts every stranger as out that some member doubts, whoever it is that does', () => {
    const five = etcdHosts(5);
    const strangersOf = (sick: string): GroupLook => ({
      strangers: ['etcd-8', 'etcd-9'].map((name) => member(name, { healthy: name !== sick })),
    });
    const said = groupReadings(five, noon, strangersOf('nobody'));
    const quorums = new Map([
      ['etcd', new Map([...said, ...wordOf('etcd-1', 'etcd-8'), ...wordOf('etcd-2', 'etcd-9')])],
    ]);
    function wordOf(asked: string, sick: string): typeof said {
      return new Map([...groupReadings(five, noon, strangersOf(sick))].filter(([name]) => name === asked));
    }

    assert.equal(refusal(['etcd-3'], worldWith(five, {}, { quorums }), five)?.code, 'members-missing');
  });

  it('counts a stranger as out that only some call a voter', () => {
    for (const others of [[], [member('etcd-9', { voter: false })]]) {
      const world = worldWith(three, { strangers: others });
      const its = groupReadings(three, noon, { strangers: [member('etcd-9')] }).get('etcd-1') ?? never();
      const quorums = new Map([['etcd', new Map([...(world.quorums.get('etcd') ?? []), ['etcd-1', its] as const])]]);

      assert.equal(refusal(['etcd-2'], { ...world, quorums })?.code, 'members-missing');
    }
  });

  it('counts voters that have never started as out, as many as anybody counts', () => {
    const five = etcdHosts(5);
    const unborn = member('', { healthy: false });

    assert.equal(refusal(['etcd-2'], worldWith(three, { strangers: [unborn] }))?.code, 'members-missing');
    assert.equal(refusal(['etcd-2'], worldWith(five, { strangers: [unborn, unborn] }), five)?.code, 'members-missing');
  });

  it('lets one of four live voters out when the fourth is a stranger that is well', () => {
    assert.equal(refusal(['etcd-1'], worldWith(three, { strangers: [member('etcd-9')] })), null);
  });

  it('has the budget of the voters that there are, whatever was declared', () => {
    const strangers = ['etcd-6', 'etcd-7', 'etcd-8', 'etcd-9'].map((name) => member(name));

    assert.equal(refusal(['etcd-1', 'etcd-2'], worldWith(three, { strangers })), null);
  });

  it('refuses where an agent says that the service is down, however well the group speaks of it', () => {
    const beats = [{ at: noon, bootId: 'boot-of-etcd-3', passed: false, detail: 'refused' }];
    const world = worldWith(three);
    const hosts = new Map(world.hosts).set('etcd-3', healthy('etcd-3', noon, { beats }));

    assert.deepEqual(notServing(refusal(['etcd-2'], { ...world, hosts })), ['etcd-3 check-failed']);
  });
});

describe('mayTakeOut of a group that has to outlive a zone', () => {
  /** Three members in zone a, two in b, two in c: four are a majority. */
  const seven = ['a', 'a', 'a', 'b', 'b', 'c', 'c'].map((zone, index) =>
    hostOf(`etcd-${index + 1}`, { zone, rack: `${zone}1`, role: 'etcd' }),
  );

  function code(candidates: readonly string[], look: GroupLook = {}): string | undefined {
    const quorum = { kind: 'etcd', spare: 'zone', witnesses: [] } as const;
    const fleet = fleetOf({ ...etcdOf(7), quorum, oneAtATime: null });
    const rules = { fleet, groups: groupsOf(fleet, seven, () => ''), timing };
    return mayTakeOut(candidates, rules, worldWith(seven, look), noon)?.code;
  }

  it('lets nobody go whose loss and that of any one zone would cost the majority', () => {
    assert.equal(code(['etcd-1']), undefined);
    assert.equal(code(['etcd-4']), 'spare-domain');
    assert.equal(code(['etcd-1', 'etcd-2']), 'spare-domain');
  });

  it('counts no learner and nobody who is sick among those who are left', () => {
    assert.equal(code(['etcd-1'], { learners: ['etcd-2'] }), 'spare-domain');
    assert.equal(code(['etcd-1'], { sick: ['etcd-2'], silent: ['etcd-2'] }), 'spare-domain');
  });
});

describe('mayTakeOut of a group with learners', () => {
  const five = etcdHosts(5);

  it('costs no vote, and they go one by one', () => {
    const look = { learners: ['etcd-4', 'etcd-5'] };

    assert.equal(refusal(['etcd-2', 'etcd-4'], worldWith(five, look), five), null);
    assert.equal(refusal(['etcd-4', 'etcd-5'], worldWith(five, look), five)?.code, 'budget-spent');
  });

  it('takes a vote from nobody by one word alone', () => {
    const world = saidBy('etcd-1', { learners: ['etcd-4'] }, five);

    assert.deepEqual([...(quorumView('etcd', timing, world, noon)?.nonVoters ?? [])], []);
    assert.equal(quorumView('etcd', timing, world, noon)?.voters, 5);
  });
});

describe('the leader of a group', () => {
  it('is whom all name', () => {
    assert.equal(quorumView('etcd', timing, worldWith(three, { leader: 'etcd-2' }), noon)?.leader, 'etcd-2');
  });

  it('is nobody while they do not agree, and nobody while nobody leads', () => {
    assert.equal(quorumView('etcd', timing, saidBy('etcd-3', { leader: 'etcd-3' }), noon)?.leader, null);
    assert.equal(quorumView('etcd', timing, worldWith(three, { leader: null }), noon)?.leader, null);
  });
});
