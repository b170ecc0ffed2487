import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RolloutEvent } from '../../controller/core/event.ts';
import type { Host } from '../../controller/core/fleet.ts';
import type { HostReport } from '../../controller/core/inventory.ts';
import type { Plan } from '../../controller/core/plan.ts';
import type { Reason } from '../../controller/core/reason.ts';
import type { CommitRequest, Store } from '../../controller/ports/store.ts';
import { StaleEpochError } from '../../controller/ports/store.ts';
import { InvariantError } from '../../lib/invariant-error.ts';
import { nothingClosed } from '../support/world-of.ts';

/** What every store has to do. `open` makes an empty one whose clock is `now`. */
export function storeContract(name: string, open: (now: () => number) => Store): void {
  describe(`the store ${name}`, () => {
    let now: number;
    let store: Store;
    let epoch: number;

    beforeEach(async () => {
      now = 1000;
      store = open(() => now);
      epoch = await store.becomeLeader('test');
    });
    afterEach(() => store.close());

    function batch(
      rollout: string,
      expectedCount: number,
      events: readonly RolloutEvent[],
      more: Partial<CommitRequest> = {},
    ): CommitRequest {
      return { epoch, rollout, expectedCount, events, mayTake: () => null, ...more };
    }

    it('gives each leader a higher epoch than the one before, from the clock where that is ahead', async () => {
      assert.equal(epoch, 1000);
      assert.equal(await store.becomeLeader('again'), 1001);

      now = 5000;

      assert.equal(await store.becomeLeader('later'), 5000);
      now = 10;
      assert.equal(await store.becomeLeader('clock set back'), 5001);
    });

    it('keeps events in order, batch by batch', async () => {
      await store.commit(batch('r1', 0, [created, started]));
      await store.commit(batch('r1', 2, [taken('web-1')]));

      assert.deepEqual(await store.events('r1'), [created, started, taken('web-1')]);
      assert.deepEqual(await store.events('r2'), []);
    });

    it('refuses a superseded leader, and changes nothing', async () => {
      await store.becomeLeader('successor');

      await assert.rejects(store.commit(batch('r1', 0, [created])), StaleEpochError);

      assert.deepEqual(await store.events('r1'), []);
    });

    it('finds out that two writers disagree about the past', async () => {
      await store.commit(batch('r1', 0, [created]));

      await assert.rejects(store.commit(batch('r1', 0, [started])), InvariantError);
      await assert.rejects(store.commit(batch('r1', 2, [started])), InvariantError);

      assert.deepEqual(await store.events('r1'), [created]);
    });

    it('asks for permission with the slots of all rollouts, before it gives one', async () => {
      const asked: unknown[] = [];
      await store.commit(batch('r1', 0, [created, taken('web-1')]));

      await store.commit(batch('r2', 0, [created, taken('web-2')], { mayTake: (slots) => (asked.push(slots), null) }));

      assert.deepEqual(asked, [[{ host: 'web-1', rollout: 'r1', takenAt: 3 }]]);
      assert.deepEqual(
        (await store.slots()).map(({ host, rollout }) => `${host} ${rollout}`),
        ['web-1 r1', 'web-2 r2'],
      );
    });

    it('asks nobody when no slot is taken', async () => {
      await store.commit(batch('r1', 0, [created], { mayTake: () => assert.fail('asked') }));
    });

    it('writes nothing when permission is refused', async () => {
      const reason: Reason = { code: 'nothing-to-do' };

      const result = await store.commit(batch('r1', 0, [created, taken('web-1')], { mayTake: () => reason }));

      assert.deepEqual(result, { kind: 'refused', reason });
      assert.deepEqual(await store.events('r1'), []);
      assert.deepEqual(await store.slots(), []);
      assert.deepEqual(await store.rollouts('all'), []);
    });

    it('writes nothing when the question itself fails', async () => {
      const mayTake = (): never => {
        throw new InvariantError('question');
      };

      await assert.rejects(store.commit(batch('r1', 0, [created, taken('web-1')], { mayTake })), /question/);

      assert.deepEqual(await store.events('r1'), []);
    });

    it('has a host in one rollout at a time', async () => {
      await store.commit(batch('r1', 0, [created, taken('web-1')]));

      const result = await store.commit(batch('r2', 0, [created, taken('web-2'), taken('web-1')]));

      assert.deepEqual(result, { kind: 'refused', reason: { code: 'host-in-other-rollout', rollout: 'r1' } });
      assert.deepEqual(
        (await store.slots()).map(({ host }) => host),
        ['web-1'],
      );
    });

    it('calls a slot taken twice, or released without being held, a bug', async () => {
      await store.commit(batch('r1', 0, [created, taken('web-1')]));

      await assert.rejects(store.commit(batch('r1', 2, [taken('web-1')])), InvariantError);
      await assert.rejects(store.commit(batch('r1', 2, [released('web-2')])), InvariantError);
      await assert.rejects(store.commit(batch('r2', 0, [created, released('web-1')])), InvariantError);

      assert.deepEqual(
        (await store.slots()).map(({ host }) => host),
        ['web-1'],
      );
    });

    it('gives a slot back by an event, and the rest when the rollout ends', async () => {
      await store.commit(batch('r1', 0, [created, taken('web-1'), taken('web-2'), taken('web-3')]));

      await store.commit(batch('r1', 4, [released('web-2')]));
      assert.deepEqual(
        (await store.slots()).map(({ host }) => host),
        ['web-1', 'web-3'],
      );
      await store.commit(batch('r1', 5, [ended]));

      assert.deepEqual(await store.slots(), []);
    });

    it('lists rollouts from the newest, the open ones apart', async () => {
      await store.commit(batch('r1', 0, [created]));
      await store.commit(batch('r2', 0, [created]));
      await store.commit(batch('r3', 0, [created]));
      await store.commit(batch('r2', 1, [ended]));

      assert.deepEqual(await store.rollouts('all'), ['r3', 'r2', 'r1']);
      assert.deepEqual(await store.rollouts('open'), ['r3', 'r1']);
    });

    it('says that an untouched journal is sound', async () => {
      await store.commit(batch('r1', 0, [created, started]));
      await store.commit(batch('r1', 2, [ended]));

      assert.deepEqual(await store.verifyJournal('r1'), { events: 3, firstBroken: null });
      assert.deepEqual(await store.verifyJournal('none'), { events: 0, firstBroken: null });
    });

    it('finds a plan by its hash or a prefix that means one plan', async () => {
      await store.savePlan(planOf('abcd1111'));
      await store.savePlan(planOf('abcd2222'));

      assert.deepEqual(await store.findPlan('abcd1'), planOf('abcd1111'));
      assert.deepEqual(await store.findPlan('abcd2222'), planOf('abcd2222'));
      for (const prefix of ['abcd', 'ffff', '', 'abc', '%', 'abcd%', 'abcd____'])
        assert.equal(await store.findPlan(prefix), null, prefix);
    });

    it('tells the newest plans, newest first', async () => {
      const plans = [3000, 1000, 2000].map((createdAt) => ({ ...planOf(`abcd${createdAt}`), createdAt }));
      for (const plan of plans) await store.savePlan(plan);

      assert.deepEqual(await store.newestPlans(2), ['abcd3000', 'abcd2000']);
    });

    it('keeps the newest of each host and of each report', async () => {
      await store.saveHost({ ...host, id: 'web-2' });
      await store.saveHost({ ...host, address: '10.0.0.9' });
      await store.saveHost(host);
      await store.saveReport('web-1', { ...report, kernel: 'old' });
      await store.saveReport('web-1', report);

      assert.deepEqual(await store.hosts(), [host, { ...host, id: 'web-2' }]);
      assert.deepEqual([...(await store.reports())], [['web-1', report]]);
    });

    it('keeps a halt until it is ended', async () => {
      assert.equal(await store.halt(), null);

      await store.saveHalt({ since: 5, by: 'ada', text: 'storm' });
      await store.saveHalt({ since: 6, by: 'bob', text: 'flood' });
      assert.deepEqual(await store.halt(), { since: 6, by: 'bob', text: 'flood' });

      await store.saveHalt(null);
      assert.equal(await store.halt(), null);
    });

    it('keeps a version in quarantine until it is lifted, as it was first put there, the latest first', async () => {
      const [old, late] = [
        { name: 'zdemo', version: '1.1', since: 5, by: 'ada', text: 'slow' },
        { name: 'zdemo', version: '1.2', since: 6, by: 'bob', text: 'slower' },
      ];

      await store.saveQuarantine([old, late]);
      await store.saveQuarantine([{ ...old, by: 'bob', since: 7 }]);
      assert.deepEqual(await store.quarantine(), [late, old]);

      assert.deepEqual(await store.liftQuarantine(old), old);
      assert.equal(await store.liftQuarantine(old), null);
      assert.deepEqual(await store.quarantine(), [late]);
    });

    it('puts into quarantine what an event of a rollout says, in the same write', async () => {
      const packages = [{ name: 'zdemo', version: '1.1' }];

      await store.commit(batch('r1', 0, [created, { at: 9, kind: 'quarantined', by: 'ada', packages, text: 'slow' }]));

      assert.deepEqual(await store.quarantine(), [
        { name: 'zdemo', version: '1.1', since: 9, by: 'ada', text: 'slow' },
      ]);
    });

    it('remembers when any host was first offered a version, whatever is reported later', async () => {
      await store.saveReport('web-1', offering(100, '1.1'));
      await store.saveReport('web-2', offering(50, '1.1', '1.2'));
      await store.saveReport('web-1', offering(200, '1.2'));

      assert.deepEqual([...(await store.firstOffered())].toSorted(), [
        ['zdemo=1.1', 100],
        ['zdemo=1.2', 50],
      ]);
    });

    it('forgets a host with its report and its invitations, and no other', async () => {
      const other = { ...host, id: 'web-2' };
      for (const each of [host, other]) {
        await store.saveHost(each);
        await store.saveReport(each.id, report);
        await store.saveInvitation({ tokenSha256: `of ${each.id}`, host: each.id, expiresAt: 2000 });
      }

      assert.equal(await store.removeHost('web-1'), true);
      assert.equal(await store.removeHost('web-1'), false);

      assert.deepEqual(await store.hosts(), [other]);
      assert.deepEqual([...(await store.reports()).keys()], ['web-2']);
      assert.equal(await store.useInvitation('of web-1', 1500), null);
      assert.equal(await store.useInvitation('of web-2', 1500), 'web-2');
    });

    it('lets exactly one of many use an invitation', async () => {
      await store.saveInvitation({ tokenSha256: 'aa', host: 'web-1', expiresAt: 2000 });

      const uses = await Promise.all(Array.from({ length: 20 }, () => store.useInvitation('aa', 1500)));

      assert.deepEqual(
        uses.filter((used) => used !== null),
        ['web-1'],
      );
    });

    it('knows no expired, replaced or invented invitation', async () => {
      await store.saveInvitation({ tokenSha256: 'aa', host: 'web-1', expiresAt: 2000 });
      await store.saveInvitation({ tokenSha256: 'bb', host: 'web-1', expiresAt: 2000 });

      assert.equal(await store.useInvitation('aa', 1500), null);
      assert.equal(await store.useInvitation('bb', 2000), null);
      assert.equal(await store.useInvitation('cc', 1500), null);
    });
  });
}

const created: RolloutEvent = { at: 1, kind: 'created', plan: planOf('abcd'), by: 'ann' };
const started: RolloutEvent = { at: 2, kind: 'started', by: 'ann' };
const ended: RolloutEvent = { at: 9, kind: 'ended', result: 'done' };

function taken(host: string): RolloutEvent {
  return { at: 3, kind: 'slotTaken', host };
}

function released(host: string): RolloutEvent {
  return { at: 4, kind: 'slotReleased', host, reason: null };
}

function offering(receivedAt: number, ...versions: readonly string[]): HostReport {
  const offers = versions.map((version) => ({
    version,
    sha256: null,
    downloadBytes: 1,
    security: false,
    ...nothingClosed,
  }));
  const packages = [{ name: 'zdemo', installed: '1.0', candidate: '1.1', held: false, offers }];
  const survey = { surveyedAt: 1, rebootNeeded: false, rebootReasons: [], error: '', packages };
  return { ...report, receivedAt, survey };
}

const host: Host = {
  id: 'web-1',
  labels: { zone: 'a' },
  address: '10.0.0.1',
  sshPort: 22,
  hostKey: 'ssh-ed25519 AAAA',
};
const report: HostReport = {
  receivedAt: 5,
  bootId: 'b',
  agentVersion: '1',
  os: 'debian',
  kernel: '6.1',
  hardwareModel: 'vm',
  failedUnits: [],
  labels: {},
  survey: null,
};

function planOf(hash: string): Plan {
  return {
    hash,
    createdAt: 1,
    fleet: {
      name: 'f',
      topology: [],
      services: [],
      budgets: [],
      policy: { onFailure: 'hold', stopAfterHosts: 1, stopAfterPercent: null, windows: [] },
    },
    change: {
      ...{ name: 'c', where: { kind: 'all' }, packages: [], reboot: 'never', stages: [], atOnce: null },
      ...{ priority: 'normal', barrier: false, wayBack: 'required' },
    },
    stages: [],
    hosts: [],
    leftOut: [],
    groups: [],
    bound: { waves: 0, group: '', ms: 0, msGroup: '' },
    dispatch: { rule: 'waves', expectedMs: 0 },
    warnings: [],
  };
}
