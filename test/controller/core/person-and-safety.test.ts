import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../controller/core/change.ts';
import type { Step } from '../../../controller/core/step.ts';
import { failed, Journey, planForOne, succeeded, unreachable } from '../../support/journey.ts';
import { healthy, planOf, shop, upgrade, oneStage, webService } from '../../support/world-of.ts';

const abort = { kind: 'abortRequested', by: 'ada', reason: 'wrong version' } as const;
const pause = { kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: 'lunch' } } as const;

function sick(id: string, at: number): ReturnType<typeof healthy> {
  return healthy(id, at, { beats: [{ at, bootId: `boot-of-${id}`, passed: false, detail: 'status 500' }] });
}

/** Two others of the group are down without us: the budget of two is gone. */
function breakTheGroup(journey: Journey): void {
  for (const id of ['web-3', 'web-5']) journey.hosts[id] = sick(id, journey.now);
}

function mendTheGroup(journey: Journey): void {
  journey.hosts = {};
}

describe('abort', () => {
  const effects: readonly Step[] = ['preflight', 'fetch', 'drain', 'apply', 'reboot', 'verify', 'undrain'];
  for (const step of effects) {
    it(`during ${step} puts the host back and leaves nothing of ours behind`, () => {
      const journey = new Journey();
      journey.continueTo(step);

      journey.record(abort);
      journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

      assert.equal(journey.rollout.state, 'aborted');
      assert.deepEqual([journey.slots.length, journey.rollout.obligations.size], [0, 0]);
      assert.equal(journey.servers['web-1']?.admin ?? 'ready', 'ready');
    });
  }

  it('begins nothing disruptive any more', () => {
    const journey = new Journey();
    journey.continueTo('drain');
    journey.record(abort);

    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(
      journey.facts.filter((fact) => fact.kind === 'intended' && (fact.step === 'apply' || fact.step === 'reboot'))
        .length,
      0,
    );
  });

  for (const [step, after] of [
    ['apply', 'drain'],
    ['reboot', 'apply'],
  ] as const) {
    it(`does not try again a ${step} that never reached the host`, () => {
      const journey = new Journey();
      journey.continueTo(step);
      journey.finishAll(step, unreachable);
      journey.record(abort);

      journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

      assert.equal(journey.facts.filter((fact) => fact.kind === 'intended' && fact.step === step).length, 1);
      assert.deepEqual(journey.rollout.hosts.get('web-1')?.state, {
        kind: 'skipped',
        reason: { code: 'aborted', by: 'ada', after },
      });
    });
  }

  it('skips those that wait', () => {
    const journey = new Journey(planOf());
    journey.continueTo('drain');

    journey.record(abort);
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.deepEqual(
      [...journey.rollout.hosts.values()].map((each) => each.state.kind),
      Array.from({ length: 6 }, () => 'skipped'),
    );
  });

  it('takes a held host back once, and leaves it to a person when that fails too', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.finishAll('apply', failed());
    journey.record(abort);
    journey.continueTo('rollback');
    journey.finishAll('rollback', failed());

    journey.now += 600_000;
    journey.decide();

    assert.equal(journey.rollout.endedAt, null);
    assert.equal(journey.why()?.code, 'step-failed');
    assert.equal(journey.facts.filter((fact) => fact.kind === 'intended' && fact.step === 'rollback').length, 1);
  });
});

describe('pause', () => {
  it('takes nobody out any more, and lets those that are out finish', () => {
    const journey = new Journey(planOf({ change: { ...upgrade, stages: oneStage } }));
    journey.continueTo('apply');
    const out = journey.slots.map((slot) => slot.host);
    journey.record(pause);

    journey.continueUntil('all that were out are back', () => journey.slots.length === 0);

    assert.deepEqual(out, ['web-1', 'web-2']);
    assert.deepEqual(
      out.map((id) => journey.host(id).state.kind),
      ['done', 'done'],
    );
    assert.deepEqual(journey.why('web-3'), pause.reason);
  });

  it('is over after resume', () => {
    const journey = new Journey(planOf());
    journey.continueTo('apply');
    journey.record(pause);
    journey.continueUntil('the first is back', () => journey.slots.length === 0);

    journey.record({ kind: 'resumed', by: 'ada' });
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.rollout.state, 'done');
  });

  it('comes by itself when a user noticed: with when, which server and who was out', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.extra = { probeFailures: [{ service: 'web', at: journey.now, server: 'web-2', detail: 'status 503' }] };

    journey.decide();

    assert.equal(journey.rollout.state, 'paused');
    assert.deepEqual(journey.rollout.reason, {
      code: 'probe-failed',
      service: 'web',
      at: journey.now,
      server: 'web-2',
      detail: 'status 503',
      out: ['web-1'],
    });
  });
});

describe('too many failures', () => {
  it('stop the rollout, and those that wait say why', () => {
    const journey = new Journey(planOf({ fleet: { ...shop, policy: { ...shop.policy, stopAfterHosts: 1 } } }));
    journey.continueTo('apply');
    journey.finishAll('apply', failed());

    journey.decide();

    assert.equal(journey.rollout.state, 'stopped');
    assert.equal(journey.why('web-6')?.code, 'rollout-stopped');
  });

  it('are counted anew after a person has resumed', () => {
    const journey = new Journey(planOf({ change: { ...upgrade, stages: oneStage } }));
    journey.continueTo('preflight');
    for (const intent of journey.open('preflight', 'web-1')) journey.finish(intent, failed());
    journey.decide();
    journey.decide();
    assert.equal(journey.rollout.state, 'stopped');

    journey.record({ kind: 'resumed', by: 'ada' });
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.rollout.state, 'done-with-exceptions');
  });
});

describe('safety that is lost', () => {
  it('before the drain gives the slot back, and the host waits with both reasons', () => {
    const journey = new Journey();
    journey.continueUntil('it is ready', () => journey.host().state.kind === 'ready');
    journey.record({ kind: 'slotTaken', host: 'web-1' });
    breakTheGroup(journey);

    journey.decide();

    assert.equal(journey.slots.length, 0);
    const released = journey.last('slotReleased');
    assert.deepEqual(
      [released?.reason?.code, released?.reason?.code === 'safety-lost' ? released.reason.because.code : ''],
      ['safety-lost', 'members-missing'],
    );
    assert.equal(journey.why()?.code, 'members-missing');
  });

  it('before the apply gives the slot back where no balancer stands between a host and its users', () => {
    const journey = new Journey(planForOne({ fleet: { ...shop, services: [{ ...webService, pool: null }] } }));
    journey.continueUntil('it is ready', () => journey.host().state.kind === 'ready');
    journey.record({ kind: 'slotTaken', host: 'web-1' });
    breakTheGroup(journey);

    journey.decide();

    assert.deepEqual([journey.slots.length, journey.open('apply').length], [0, 0]);
  });

  it('before the reboot gives the host back, and the reboot follows later', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    breakTheGroup(journey);

    journey.finishAll('apply', succeeded);
    journey.decide();
    assert.deepEqual(journey.host().steps, ['verify', 'undrain', 'settle']);
    journey.continueUntil('it is back', () => journey.slots.length === 0);
    assert.equal(journey.host().state.kind, 'ready');
    assert.deepEqual(journey.host().steps, ['takeOut', 'drain', 'reboot', 'verify', 'undrain', 'settle']);

    mendTheGroup(journey);
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    assert.equal(journey.rollout.state, 'done');
    assert.equal(journey.facts.filter((fact) => fact.kind === 'intended' && fact.step === 'apply').length, 1);
    assert.equal(journey.facts.filter((fact) => fact.kind === 'intended' && fact.step === 'reboot').length, 1);
  });

  it('is not lost by a controller that has just taken over and has heard nobody yet, but for a while only', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.finishAll('apply', succeeded);
    for (const id of ['web-3', 'web-5']) journey.hosts[id] = null;

    journey.decide();
    assert.deepEqual(journey.host().steps, ['reboot', 'verify', 'undrain', 'settle']);
    assert.deepEqual(journey.open('reboot'), []);

    journey.now += journey.timing.reportStaleMs;
    journey.decide();
    assert.deepEqual(journey.host().steps, ['verify', 'undrain', 'settle']);
  });

  it('is asked for again before a reboot that could not be delivered is tried once more', () => {
    const journey = new Journey();
    journey.continueTo('reboot');
    journey.finishAll('reboot', unreachable);
    breakTheGroup(journey);

    journey.now += 5000;
    breakTheGroup(journey);
    journey.decide();

    assert.deepEqual(journey.open('reboot'), []);
    assert.deepEqual(journey.host().steps, ['verify', 'undrain', 'settle']);
  });
});

describe('who is out together', () => {
  it('is one zone, and no more than the budget', () => {
    const journey = new Journey(planOf());

    const seen = new Set<string>();
    journey.continueUntil('the end', () => {
      seen.add(journey.slots.map((slot) => slot.host).join(' '));
      return journey.rollout.endedAt !== null;
    });

    for (const out of seen)
      assert.ok(
        ['', 'web-1', 'web-2', 'web-3 web-4', 'web-3', 'web-4', 'web-5 web-6', 'web-5', 'web-6'].includes(out),
        out,
      );
    assert.ok(seen.has('web-3 web-4'));
  });

  it('is one host where the change says one at once', () => {
    const journey = new Journey(planOf({ change: { ...upgrade, atOnce: 1 } }));

    journey.continueUntil('the end', () => {
      assert.ok(journey.slots.length <= 1);
      return journey.rollout.endedAt !== null;
    });
  });

  it('is nobody while members are missing, whatever the plan says', () => {
    const journey = new Journey(planOf());
    for (const id of ['web-3', 'web-4', 'web-5']) journey.hosts[id] = null;

    for (let second = 0; second < 60; second += 1) {
      journey.now += 1000;
      journey.decide();
      for (const intent of journey.open()) journey.finish(intent, succeeded);
    }

    assert.equal(journey.kinds().includes('slotTaken'), false);
    assert.equal(journey.why('web-1')?.code, 'members-missing');
  });
});

describe('the stages', () => {
  const soaking: Change = {
    ...upgrade,
    stages: [
      { name: 'canary', pick: { kind: 'count', hosts: 1 }, soakMs: 60_000 },
      { name: 'rest', pick: { kind: 'all' }, soakMs: 0 },
    ],
  };

  it('open when the one before has ended, and has stayed so for its soak', () => {
    const journey = new Journey(planOf({ change: soaking }));
    journey.continueUntil('the canary is done', () => journey.host().state.kind === 'done');
    const doneAt = journey.now;

    journey.continueUntil('the next stage', () => journey.rollout.stage === 1);

    assert.equal(journey.now - doneAt, 60_000);
  });

  it('hold no slot while they soak', () => {
    const journey = new Journey(planOf({ change: soaking }));
    journey.continueUntil('the canary is done', () => journey.host().state.kind === 'done');

    assert.equal(journey.slots.length, 0);
    assert.deepEqual(journey.why('web-2'), { code: 'soaking', stage: 'canary', until: journey.now + 60_000 });
  });

  it('name the hosts that the next one waits for', () => {
    const journey = new Journey(planOf({ change: soaking }));
    journey.continueTo('apply');

    assert.deepEqual(journey.why('web-2'), { code: 'stage-not-open', stage: 'rest', waitsFor: ['web-1'] });
  });
});

describe('why not', () => {
  it('says what runs, since when and until when', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    const reason = journey.why();

    assert.ok(reason?.code === 'step-running');
    assert.equal(reason.step, 'apply');
    assert.equal(reason.deadlineAt - reason.since, journey.timing.applyDeadlineMs);
  });

  it('says when a failed fetch is tried again', () => {
    const journey = new Journey();
    journey.continueTo('fetch');
    journey.finishAll('fetch', failed('mirror-broken'));

    assert.deepEqual(journey.why(), {
      code: 'retry-pending',
      step: 'fetch',
      attempt: 1,
      at: journey.now + 1000,
      failure: { code: 'mirror-broken', message: 'as the test says' },
    });
  });

  it('says who has spent the budget', () => {
    const journey = new Journey(planOf({ change: { ...upgrade, stages: oneStage, atOnce: 1 } }));
    journey.continueTo('apply');

    assert.deepEqual(journey.why('web-2'), { code: 'at-once-spent', atOnce: 1, out: ['web-1'] });
  });

  it('says nothing of a host that is done', () => {
    const journey = new Journey();
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.why(), null);
  });

  it('says that enough hosts are prepared ahead', () => {
    const journey = new Journey(planOf({ change: { ...upgrade, stages: oneStage, atOnce: 1 } }));
    journey.continueTo('fetch');

    assert.deepEqual(journey.why('web-6'), { code: 'prepare-limit', limit: 2 });
  });

  it('says why a host is left out of the plan', () => {
    const journey = new Journey(
      planForOne({
        change: {
          ...upgrade,
          packages: [
            { name: 'zdemo', version: '9.9' },
            { name: 'zdemo', version: '1.1.0' },
          ],
        },
      }),
    );

    assert.deepEqual(journey.why('web-2'), { code: 'version-not-offered', package: 'zdemo', version: '9.9' });
  });
});
