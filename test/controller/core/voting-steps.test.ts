import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failed, Journey, succeeded, unreachable } from '../../support/journey.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../../support/voting.ts';
import { planOf, shop, shopHosts, timing, upgrade, webService } from '../../support/world-of.ts';

const hosts = etcdHosts(3);

/** Three voters; etcd-1 leads. */
function voting(policy: Partial<typeof shop.policy> = {}, change = upgradeAll): Journey {
  const fleet = { ...fleetOf(etcdOf(3)), policy: { ...shop.policy, ...policy } };
  return new Journey(planOf({ fleet, hosts, change }), timing, hosts);
}

/** Everything but one is done; that one is the leader, and is asked to hand over. */
function leaderHandsOver(): Journey {
  const journey = voting();
  journey.continueTo('switchover', 'etcd-1');
  return journey;
}

function nowAt(journey: Journey, id = 'etcd-1'): string {
  const { state, steps } = journey.host(id);
  return `${state.kind}: ${steps.join(' ')}`;
}

/** Lets time pass, with nobody answering anything. */
function wait(journey: Journey, ms: number): void {
  for (let waited = 0; waited < ms; waited += 1000) {
    journey.now += 1000;
    journey.decide();
  }
}

describe('the leader of a quorum group', () => {
  it('goes last, and says for whom it waits', () => {
    const journey = voting();
    journey.continueTo('apply', 'etcd-2');
    for (const intent of journey.open()) if (intent.host === 'etcd-1') journey.finish(intent, succeeded);
    journey.decide();

    assert.deepEqual(journey.why('etcd-1'), { code: 'leader-last', group: 'etcd', waitsFor: ['etcd-2', 'etcd-3'] });
  });

  it('waits for nobody of a later wave, who with a barrier waits for the leader', () => {
    const journey = voting({}, { ...upgradeAll, barrier: true });

    journey.continueUntil('etcd-1 is done', () => journey.host('etcd-1').state.kind === 'done');

    assert.notEqual(journey.host('etcd-3').state.kind, 'done');
  });

  it('waits for nobody who is held: that may last for days', () => {
    const journey = voting({ stopAfterHosts: 3 });
    journey.continueTo('fetch', 'etcd-2');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      for (const intent of journey.open('fetch', 'etcd-2')) journey.finish(intent, failed('mirror-broken'));
      wait(journey, 40_000);
    }
    assert.equal(journey.host('etcd-2').state.kind, 'held');

    journey.continueUntil('etcd-3 is done', () => journey.host('etcd-3').state.kind === 'done');
    journey.continueTo('switchover', 'etcd-1');
  });

  it('hands over to a member that needs nothing more of this rollout', () => {
    const [intent] = leaderHandsOver().open('switchover', 'etcd-1');

    assert.deepEqual(intent?.action, { kind: 'moveLeader', service: 'etcd', to: 'etcd-2' });
  });

  it('hands over to a patched member rather than to one that was left as it is', () => {
    const journey = voting({ stopAfterHosts: 3 });
    journey.look = { leader: 'etcd-3' };
    journey.continueTo('preflight', 'etcd-1');
    journey.finishAll('preflight', failed(), 'etcd-1');

    const [intent] = journey.continueTo('switchover', 'etcd-3');

    assert.deepEqual(intent?.action, { kind: 'moveLeader', service: 'etcd', to: 'etcd-2' });
  });

  it('is patched when the group says that another one leads', () => {
    const journey = leaderHandsOver();

    journey.finishAll('switchover', succeeded, 'etcd-1');
    journey.continueTo('apply', 'etcd-1');

    assert.equal(journey.look.leader, 'etcd-2');
  });

  it('is not patched on the word of the order alone, while the group still names it', () => {
    const journey = leaderHandsOver();
    for (const intent of journey.open('switchover', 'etcd-1')) journey.finish(intent, succeeded);
    journey.look = { leader: 'etcd-1' };

    journey.decide();

    assert.equal(nowAt(journey), 'out: switchover apply reboot verify settle');
    assert.deepEqual(journey.why('etcd-1'), {
      code: 'confirming',
      step: 'switchover',
      missing: 'another member of etcd that is fit to lead',
    });
  });

  it('hands over again when the group has elected it once more before that was read', () => {
    const journey = leaderHandsOver();
    for (const intent of journey.open('switchover', 'etcd-1')) journey.finish(intent, succeeded);
    journey.look = { leader: 'etcd-1' };

    wait(journey, 5000);

    assert.equal(journey.open('switchover', 'etcd-1')[0]?.attempt, 2);
    journey.continueTo('apply', 'etcd-1');
    assert.equal(journey.look.leader, 'etcd-2');
  });

  it('is given back unharmed when it still leads at the deadline', () => {
    const journey = leaderHandsOver();
    for (let attempt = 0; attempt < timing.attemptsMax; attempt += 1) {
      for (const intent of journey.open('switchover', 'etcd-1')) journey.finish(intent, succeeded);
      journey.look = { leader: 'etcd-1' };
      wait(journey, 5000);
    }
    assert.deepEqual(journey.open('switchover', 'etcd-1'), []);

    journey.continueUntil('the deadline', () => nowAt(journey) === 'out: settle');
    // The beats of before do not count.
    journey.decide();
    assert.equal(nowAt(journey), 'out: settle');
    journey.continueUntil('the end', () => journey.host('etcd-1').state.kind === 'skipped');
    assert.equal(
      journey.facts.filter((fact) => fact.kind === 'intended' && fact.host === 'etcd-1' && fact.step === 'apply')
        .length,
      0,
    );
  });

  for (const outcome of [failed('leader-not-moved'), unreachable]) {
    it(`is given back after ${timing.attemptsMax} attempts that were ${outcome.kind}`, () => {
      const journey = leaderHandsOver();
      let attempts = 0;
      while (journey.open('switchover', 'etcd-1').length > 0) {
        attempts += 1;
        for (const intent of journey.open('switchover', 'etcd-1')) journey.finish(intent, outcome);
        wait(journey, 10_000);
      }

      assert.equal(attempts, timing.attemptsMax);
      assert.equal(nowAt(journey), 'skipped: ');
      assert.equal(journey.last('rerouted')?.reason.code, 'step-failed');
    });
  }

  it('waits while the group has no leader at all', () => {
    const journey = voting();
    journey.continueUntil('etcd-2 has a slot', () => journey.host('etcd-2').slotTakenAt !== null);
    journey.look = { leader: null };
    journey.record({
      kind: 'rerouted',
      host: 'etcd-2',
      steps: ['switchover', 'apply', 'settle'],
      ending: { kind: 'done' },
      reason: { code: 'leads-again', group: 'etcd' },
    });
    wait(journey, 2000);

    assert.deepEqual(journey.why('etcd-2'), {
      code: 'confirming',
      step: 'switchover',
      missing: 'etcd to agree on a leader',
    });
  });
});

describe('a member that leads again', () => {
  for (const step of ['apply', 'reboot'] as const) {
    it(`before its ${step} hands over once more`, () => {
      const journey = voting();
      journey.continueTo(step, 'etcd-2');
      journey.finishAll(step, unreachable, 'etcd-2');
      journey.look = { leader: 'etcd-2' };

      wait(journey, 2000);

      assert.equal(journey.last('rerouted')?.reason.code, 'leads-again');
      assert.equal(journey.open('switchover', 'etcd-2').length, 1);
      journey.continueTo(step, 'etcd-2');
      assert.notEqual(journey.look.leader, 'etcd-2');
    });
  }

  it('and cannot hand over before its reboot is verified as patched before it is given back', () => {
    const journey = voting();
    journey.continueTo('reboot', 'etcd-2');
    journey.finishAll('reboot', unreachable, 'etcd-2');
    journey.look = { leader: 'etcd-2' };
    wait(journey, 2000);

    for (let attempt = 0; attempt < timing.attemptsMax; attempt += 1) {
      for (const intent of journey.open('switchover', 'etcd-2')) journey.finish(intent, failed('leader-not-moved'));
      wait(journey, 10_000);
    }

    assert.equal(nowAt(journey, 'etcd-2'), 'out: verify settle');
  });

  it('and is aborted then is verified too', () => {
    const journey = voting();
    journey.continueTo('reboot', 'etcd-2');
    journey.finishAll('reboot', unreachable, 'etcd-2');
    journey.look = { leader: 'etcd-2' };
    wait(journey, 2000);
    for (const intent of journey.open('switchover', 'etcd-2')) journey.finish(intent, failed('leader-not-moved'));

    journey.record({ kind: 'abortRequested', by: 'ada', reason: '' });
    journey.decide();

    assert.equal(nowAt(journey, 'etcd-2'), 'out: verify settle');
  });
});

describe('a voter that is out', () => {
  it('is asked about before its apply: when another member falls ill, its slot is given back', () => {
    const journey = voting();
    journey.continueUntil(
      'etcd-2 has a slot',
      () => journey.host('etcd-2').slotTakenAt !== null && journey.open('apply', 'etcd-2').length === 0,
    );
    journey.look = { sick: ['etcd-3'], silent: ['etcd-3'] };
    wait(journey, 2000);

    assert.equal(journey.last('slotReleased')?.reason?.code, 'safety-lost');
    assert.equal(nowAt(journey, 'etcd-2'), 'ready: takeOut apply reboot verify settle');
  });

  it('is done when the others call it healthy and caught up, not when it says so itself', () => {
    const journey = voting();
    journey.continueTo('verify', 'etcd-2');
    journey.look = { lag: { 'etcd-2': 4000 } };
    journey.finishAll('verify', succeeded, 'etcd-2');
    wait(journey, 5000);

    const reason = journey.why('etcd-2');
    assert.ok(reason?.code === 'confirming');
    assert.match(reason.missing, /^etcd to call it healthy and caught up \(etcd-1 sees it 4000 entries behind/);
  });

  it('is held when its group does not take it back by the deadline', () => {
    const journey = voting();
    journey.continueTo('verify', 'etcd-2');
    journey.look = { sick: ['etcd-2'] };
    journey.finishAll('verify', succeeded, 'etcd-2');
    wait(journey, timing.verifyDeadlineMs + 2000);

    assert.equal(journey.host('etcd-2').state.kind, 'held');
  });

  it('waits with its rollback while another one is away, but not when its group has lost it anyway', () => {
    const journey = voting({ onFailure: 'undo' });
    journey.continueTo('apply', 'etcd-2');
    journey.look = { sick: ['etcd-3'], silent: ['etcd-3'] };
    journey.finishAll('apply', failed(), 'etcd-2');
    wait(journey, 5000);
    assert.equal(nowAt(journey, 'etcd-2'), 'out: rollback verify settle');
    assert.equal(journey.why('etcd-2')?.code, 'members-missing');

    journey.look = { sick: ['etcd-2', 'etcd-3'], silent: ['etcd-3'] };
    wait(journey, 2000);

    assert.equal(journey.open('rollback', 'etcd-2').length, 1);
  });

  it('and that users are sent to as well goes back to them when safety is lost between its drain and its apply', () => {
    const members = shopHosts.filter((host) => ['web-1', 'web-3', 'web-5', 'lb-1', 'lb-2'].includes(host.id));
    const quorum = { kind: 'etcd', spare: 1, witnesses: [] } as const;
    const both = { ...webService, quorum, size: 3, maxOut: 1, oneAtATime: null } as const;
    const change = { ...upgradeAll, where: upgrade.where };
    const journey = new Journey(planOf({ fleet: fleetOf(both), hosts: members, change }), timing, members);
    journey.look = { leader: 'web-5' };
    journey.continueTo('drain', 'web-1');
    for (const intent of journey.open('drain', 'web-1')) journey.finish(intent, succeeded);
    journey.look = { leader: 'web-5', sick: ['web-3'], silent: ['web-3'] };
    wait(journey, 3000);

    assert.equal(journey.last('rerouted')?.reason.code, 'safety-lost');
    assert.equal(journey.open('undrain', 'web-1').length, 2);
    journey.look = { leader: 'web-5' };
    journey.continueUntil('web-1 is done', () => journey.host('web-1').state.kind === 'done');
  });
});
