import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Outcome } from '../../../controller/core/event.ts';
import type { Step } from '../../../controller/core/step.ts';
import { failed, Journey, planForOne, succeeded, unknown, unreachable } from '../../support/journey.ts';
import { evidence, healthy, shop, timing, upgrade } from '../../support/world-of.ts';

const undoShop = { ...shop, policy: { ...shop.policy, onFailure: 'undo' as const } };
const onlyWebOne = { ...upgrade, where: { kind: 'ids', ids: ['web-1'] } as const, stages: [{ name: 'all', hosts: null, soakMs: 0 }] };

/** Answers every attempt of a step in this way until no attempt follows; returns how many there were. */
function exhaust(journey: Journey, step: Step, outcome: Outcome): number {
  let attempts = 0;
  journey.continueTo(step);
  for (; journey.open(step).length > 0 && attempts < 20; attempts += 1) {
    for (const intent of journey.open(step)) journey.finish(intent, outcome);
    for (let waited = 0; waited < 60 && journey.open(step).length === 0 && journey.host().steps[0] === step; waited += 1) {
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
    const steps = journey.facts.flatMap((fact) => (fact.kind === 'stepDone' ? [fact.step] : fact.kind === 'slotTaken' ? ['takeOut'] : []));
    assert.deepEqual(steps, ['preflight', 'fetch', 'takeOut', 'drain', 'apply', 'reboot', 'verify', 'undrain', 'settle']);
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

    assert.deepEqual(verify?.action, { kind: 'verify', expect: 'wayBack' });
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

  for (const step of ['apply', 'reboot', 'verify'] as const) {
    it(`is tried until the deadline of ${step}, then held`, () => {
      const journey = new Journey(planForOne(), { ...timing, applyDeadlineMs: 20_000, rebootDeadlineMs: 20_000, verifyDeadlineMs: 20_000 });

      assert.ok(exhaust(journey, step, unreachable) > 2);
      assert.equal(journey.host().state.kind, 'held');
    });
  }

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

  it('does not keep the others from being prepared', () => {
    const journey = new Journey(planForOne({ change: { ...onlyWebOne, where: { kind: 'ids', ids: ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'] }, atOnce: 1 } }));
    journey.now += 1000;
    journey.decide();
    journey.decide();
    const first = journey.open();

    for (const intent of first) journey.finish(intent, unreachable);
    journey.decide();

    const others = journey.open().filter((intent) => !first.some((each) => each.host === intent.host));
    assert.deepEqual(others.map((intent) => intent.host), ['web-3', 'web-4']);
  });
});

describe('a step that acted but is not confirmed', () => {
  it('gives the host back when the drain never shows', () => {
    const journey = new Journey();
    journey.continueTo('drain');
    for (const intent of journey.open('drain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { admin: 'drain', inFlight: 1 };

    journey.decide();
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'drain', missing: '1 requests in flight on lb-1' });
    journey.now += timing.drainDeadlineMs + 1;
    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
  });

  it('holds a host that the controller itself cannot see well', () => {
    const journey = new Journey();
    journey.continueTo('verify');
    for (const intent of journey.open('verify')) journey.finish(intent, succeeded);
    journey.now += timing.verifyDeadlineMs;
    journey.hosts['web-1'] = healthy('web-1', journey.now, { ownChecks: [] });

    journey.decide();
    journey.now += 10_000;
    journey.decide();

    assert.equal(nowAt(journey), 'held: verify undrain settle');
  });

  it('waits for ever for a server to be up at full weight', () => {
    const journey = new Journey();
    journey.continueTo('undrain');
    for (const intent of journey.open('undrain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { weightPercent: 50 };

    journey.now += 10 * timing.undrainDeadlineMs;
    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'undrain', missing: 'lb-1 to show it up at full weight' });
  });

  it('does not call a server back that somebody else took out in the meantime', () => {
    const journey = new Journey();
    journey.continueTo('undrain');
    for (const intent of journey.open('undrain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { admin: 'drain', up: true, weightPercent: 0 };

    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'undrain', missing: 'lb-1 to show it ready again' });
  });

  it('holds a host that does not stay well after the undrain', () => {
    const journey = new Journey();
    journey.continueUntil('settle', () => journey.host().steps[0] === 'settle');
    const sick = { at: journey.now + 1, bootId: 'boot-of-web-1', passed: false, detail: 'status 500' };
    journey.now += timing.settleDeadlineMs + 1;
    journey.hosts['web-1'] = healthy('web-1', journey.now, { beats: [sick] });

    journey.decide();

    assert.equal(nowAt(journey), 'held: settle');
  });
});

describe('a server that somebody else had taken out before us', () => {
  for (const prior of ['drain', 'maint'] as const) {
    it(`is put back to ${prior}, as found`, () => {
      const journey = new Journey();
      journey.servers['web-1'] = { admin: prior, up: false, weightPercent: 0 };

      const undrains = journey.continueTo('undrain');
      assert.deepEqual(
        undrains.map((intent) => (intent.action.kind === 'undrain' ? intent.action.restore : '')),
        [prior, prior],
      );

      journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
      assert.equal(journey.rollout.state, 'done');
    });
  }
});

describe('a balancer that forgets a drain', () => {
  it('is told again at once', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.now += 1000;
    journey.servers['web-1'] = {};

    journey.decide();

    const again = journey.open('drain');
    assert.deepEqual(
      again.map((intent) => [intent.purpose, intent.action.kind === 'drain' ? intent.action.balancer : '']),
      [
        ['protect', 'lb-1'],
        ['protect', 'lb-2'],
      ],
    );
  });

  it('is told again once, not at every look', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.now += 1000;
    journey.servers['web-1'] = {};
    journey.decide();

    journey.now += 1000;

    assert.deepEqual(journey.decide(), []);
  });

  it('is told again for a host that is held, and while the rollout is stopped', () => {
    const journey = new Journey();
    exhaust(journey, 'apply', failed());
    journey.decide();
    assert.equal(journey.rollout.state, 'stopped');
    journey.now += 1000;
    journey.servers['web-1'] = {};

    journey.decide();

    assert.equal(journey.open('drain').length, 2);
  });

  it('answers before the undrain begins, so that the two cannot overtake each other', () => {
    const journey = new Journey();
    journey.continueTo('verify');
    journey.now += 1000;
    journey.servers['web-1'] = {};
    journey.decide();
    for (const intent of journey.open('verify')) journey.finish(intent, succeeded);
    journey.now += 4000;

    journey.decide();
    journey.decide();
    assert.equal(journey.open('undrain').length, 0);
    assert.equal(journey.why()?.code, 'step-running');

    for (const intent of journey.open('drain')) journey.finish(intent, succeeded);
    journey.continueTo('undrain');
  });
});
