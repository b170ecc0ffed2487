import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Outcome } from '../../../controller/core/event.ts';
import type { Step } from '../../../controller/core/step.ts';
import { failed, Journey, planForOne, succeeded, unknown, unreachable } from '../../support/journey.ts';
import { evidence, shop, timing, upgrade, oneStage } from '../../support/world-of.ts';

const undoShop = { ...shop, policy: { ...shop.policy, onFailure: 'undo' as const } };
const onlyWebOne = {
  ...upgrade,
  where: { kind: 'ids', ids: ['web-1'] } as const,
  stages: oneStage,
};

/** Answers every attempt of a step in this way until no attempt follows; returns how many there were. */
function exhaust(journey: Journey, step: Step, outcome: Outcome): number {
  let attempts = 0;
  journey.continueTo(step);
  for (; journey.open(step).length > 0 && attempts < 20; attempts += 1) {
    for (const intent of journey.open(step)) journey.finish(intent, outcome);
    for (
      let waited = 0;
      waited < 60 && journey.open(step).length === 0 && journey.host().steps[0] === step;
      waited += 1
    ) {
      journey.now += 1000;
      journey.decide();
    }
  }
  return attempts;
}

function nowAt(journey: Journey): string {
  const { state, steps } = journey.host();
  return `${state.kind}: ${steps.join(' ')}`;
}

describe('one host on its good day', () => {
  it('goes through every step in order and ends done', () => {
    const journey = new Journey();

    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.rollout.state, 'done');
    const steps = journey.facts.flatMap((fact) => {
      if (fact.kind === 'slotTaken') return ['takeOut'];
      return fact.kind === 'stepDone' ? [fact.step] : [];
    });
    assert.deepEqual(steps, [
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
  });

  it('prepares before it takes a slot, and drains every balancer before it applies', () => {
    const journey = new Journey();
    journey.continueTo('fetch');
    assert.equal(journey.slots.length, 0);

    const drains = journey.continueTo('drain');

    assert.equal(journey.slots.length, 1);
    assert.deepEqual(
      drains.map((intent) => intent.action),
      ['lb-1', 'lb-2'].map((balancer) => ({ kind: 'drain', balancer, backend: 'web', prior: 'ready' })),
    );
  });

  it('asks the reboot to be from the boot that the host is on', () => {
    const journey = new Journey();

    const [intent] = journey.continueTo('reboot');

    assert.deepEqual(intent?.action, { kind: 'reboot', bootIdBefore: 'boot-of-web-1' });
  });

  it('skips the reboot where the host says that none is needed', () => {
    const change = { ...onlyWebOne, reboot: 'ifNeeded' as const };
    const journey = new Journey(planForOne({ change }));
    journey.continueTo('apply');

    journey.finishAll('apply', { kind: 'succeeded', evidence: { ...evidence, rebootNeeded: false } });

    assert.equal(nowAt(journey), 'out: verify undrain settle');
  });

  it('reboots a host that cannot tell', () => {
    const change = { ...onlyWebOne, reboot: 'ifNeeded' as const };
    const journey = new Journey(planForOne({ change }));
    journey.continueTo('apply');

    journey.finishAll('apply', succeeded);

    assert.equal(journey.host().steps[0], 'reboot');
  });

  it('waits for a boot id to reboot from, and never counts the reboot as done without one', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.hosts['web-1'] = null;

    journey.finishAll('apply', succeeded);
    journey.now += 1000;
    journey.decide();

    assert.equal(journey.host().steps[0], 'reboot');
    assert.equal(journey.open('reboot').length, 0);
  });
});

describe('a step that fails', () => {
  const rows: readonly (readonly [Step, number, string])[] = [
    ['preflight', 1, 'skipped: preflight fetch takeOut drain apply reboot verify undrain settle'],
    ['fetch', 3, 'held: fetch takeOut drain apply reboot verify undrain settle'],
    ['drain', 1, 'out: undrain settle'],
    ['apply', 1, 'held: apply reboot verify undrain settle'],
    ['reboot', 1, 'held: reboot verify undrain settle'],
    ['verify', 1, 'held: verify undrain settle'],
  ];
  for (const [step, attempts, place] of rows) {
    it(`leaves the host here: ${place} (after ${attempts} attempts of ${step})`, () => {
      const journey = new Journey();

      assert.equal(exhaust(journey, step, failed()), attempts);
      assert.equal(nowAt(journey), place);
    });
  }

  it('is retried for ever where it is the undrain', () => {
    const journey = new Journey();

    assert.equal(exhaust(journey, 'undrain', failed()), 20);
    assert.equal(journey.host().state.kind, 'out');
  });

  it('undoes a failed apply where the policy says so, and ends the host as skipped', () => {
    const journey = new Journey(planForOne({ fleet: undoShop }));

    exhaust(journey, 'apply', failed());
    assert.equal(nowAt(journey), 'out: rollback verify undrain settle');

    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    assert.equal(journey.host().state.kind, 'skipped');
    assert.equal(journey.rollout.state, 'done-with-exceptions');
  });

  it('verifies the previous versions after an undo', () => {
    const journey = new Journey(planForOne({ fleet: undoShop }));
    exhaust(journey, 'verify', failed());

    const [verify] = journey.continueTo('verify');

    assert.deepEqual(verify?.action, { kind: 'verify', expect: 'wayBack', afterReboot: false });
  });

  it('verifies that a host was rebooted into what it got, and not where its reboot is still to come', () => {
    const rebooted = new Journey();
    const [after] = rebooted.continueTo('verify');
    const aborted = new Journey();
    aborted.continueTo('apply');
    aborted.record({ kind: 'abortRequested', by: 'ada', reason: '' });
    const [before] = aborted.continueTo('verify');

    assert.deepEqual(after?.action, { kind: 'verify', expect: 'packages', afterReboot: true });
    assert.deepEqual(before?.action, { kind: 'verify', expect: 'packages', afterReboot: false });
  });

  it('holds a host whose undo fails', () => {
    const journey = new Journey(planForOne({ fleet: undoShop }));
    exhaust(journey, 'apply', failed());

    exhaust(journey, 'rollback', failed());

    assert.equal(nowAt(journey), 'held: rollback verify undrain settle');
  });

  it('keeps the slot and the obligations of a held host', () => {
    const journey = new Journey();

    exhaust(journey, 'apply', failed());

    assert.equal(journey.slots.length, 1);
    assert.equal(journey.rollout.obligations.size, 2);
  });
});

describe('a step whose end nobody knows', () => {
  const rows: readonly (readonly [Step, number, string])[] = [
    ['preflight', 3, 'held'],
    ['fetch', 3, 'held'],
    ['apply', 1, 'held'],
    ['reboot', 1, 'held'],
    ['verify', 3, 'held'],
  ];
  for (const [step, attempts, place] of rows) {
    it(`is ${place} as unknown after ${attempts} attempts of ${step}`, () => {
      const journey = new Journey();

      assert.equal(exhaust(journey, step, unknown), attempts);
      const { state } = journey.host();
      assert.deepEqual([state.kind, state.kind === 'held' ? state.reason.code : ''], [place, 'step-unknown']);
    });
  }

  it('never turns into success by waiting', () => {
    const journey = new Journey();
    exhaust(journey, 'reboot', unknown);

    journey.now += 24 * 3_600_000;
    journey.decide();

    assert.equal(journey.host().state.kind, 'held');
    assert.equal(journey.slots.length, 1);
  });

  it('is undrained where it is the drain', () => {
    const journey = new Journey();

    exhaust(journey, 'drain', unknown);

    assert.equal(nowAt(journey), 'out: undrain settle');
  });
});

describe('a host that cannot be reached', () => {
  for (const step of ['preflight', 'fetch', 'undrain'] as const) {
    it(`is tried for ever at ${step}`, () => {
      const journey = new Journey();

      assert.equal(exhaust(journey, step, unreachable), 20);
      assert.equal(journey.why()?.code, 'host-unreachable');
    });
  }

  it('is named: at an undrain that is a balancer, and not the host that is to be put back', () => {
    const journey = new Journey();
    const [first] = journey.continueTo('undrain');
    assert.ok(first?.action.kind === 'undrain');

    journey.finish(first, unreachable);

    assert.deepEqual(journey.why(), { code: 'host-unreachable', host: first.action.balancer, detail: 'no route' });
  });

  for (const step of ['apply', 'reboot', 'verify'] as const) {
    it(`is tried until the deadline of ${step}, then held`, () => {
      const journey = new Journey(planForOne(), {
        ...timing,
        applyDeadlineMs: 20_000,
        rebootDeadlineMs: 20_000,
        verifyDeadlineMs: 20_000,
      });

      assert.ok(exhaust(journey, step, unreachable) > 2);
      assert.equal(journey.host().state.kind, 'held');
    });
  }

  it('is waited for after its reboot as long as its plan says, for the reboot alone', () => {
    const plan = planForOne();
    const hosts = plan.hosts.map((host) => ({ ...host, rebootDeadlineMs: 42 * 60_000 }));
    const journey = new Journey({ ...plan, hosts });

    const deadlineOf = (step: 'apply' | 'reboot' | 'verify'): number => {
      const [intent] = journey.continueTo(step);
      return (intent?.deadlineAt ?? 0) - journey.now;
    };

    assert.equal(deadlineOf('apply'), timing.applyDeadlineMs);
    assert.equal(deadlineOf('reboot'), 42 * 60_000);
    const why = journey.why();
    assert.equal(why?.code === 'step-running' && why.deadlineAt - why.since, 42 * 60_000);
    assert.equal(deadlineOf('verify'), timing.verifyDeadlineMs);
  });

  it('is given back when a balancer cannot be told to drain it', () => {
    const journey = new Journey();

    assert.equal(exhaust(journey, 'drain', unreachable), 3);
    assert.equal(nowAt(journey), 'out: undrain settle');
  });

  it('waits longer from attempt to attempt, up to a limit', () => {
    const journey = new Journey();
    const pauses: number[] = [];
    journey.continueTo('fetch');

    for (let attempt = 0; attempt < 8; attempt += 1) {
      for (const intent of journey.open('fetch')) journey.finish(intent, unreachable);
      const failedAt = journey.now;
      while (journey.open('fetch').length === 0) {
        journey.now += 500;
        journey.decide();
      }
      pauses.push(journey.now - failedAt);
    }

    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is tried again at once when the clock was set back meanwhile', () => {
    const journey = new Journey();
    journey.continueTo('undrain');
    journey.finishAll('undrain', unreachable);
    assert.equal(journey.open('undrain').length, 0);

    journey.now -= 3_600_000;
    journey.decide();

    assert.equal(journey.open('undrain').length, 2);
  });

  it('does not keep the others from being prepared', () => {
    const journey = new Journey(
      planForOne({
        change: {
          ...onlyWebOne,
          where: { kind: 'ids', ids: ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'] },
          atOnce: 1,
        },
      }),
    );
    journey.now += 1000;
    journey.decide();
    journey.decide();
    const first = journey.open();

    for (const intent of first) journey.finish(intent, unreachable);
    journey.decide();

    const others = journey.open().filter((intent) => !first.some((each) => each.host === intent.host));
    assert.deepEqual(
      others.map((intent) => intent.host),
      ['web-3', 'web-4'],
    );
  });
});
