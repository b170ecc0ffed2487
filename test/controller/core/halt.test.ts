import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { haltReason } from '../../../controller/core/halt.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import type { Step } from '../../../controller/core/step.ts';
import type { Halt } from '../../../controller/core/world.ts';
import { failed, Journey, succeeded, unreachable } from '../../support/journey.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../../support/voting.ts';
import { noLimits, noon, planOf, timing } from '../../support/world-of.ts';

const halt: Halt = { since: noon, by: 'ada', text: 'storm' };
const off: LimitsReading = { kind: 'limits', limits: noLimits };
const unreadable: LimitsReading = { kind: 'unreadable', detail: 'it is writable by everybody' };

function voting(): Journey {
  const hosts = etcdHosts(3);
  return new Journey(planOf({ fleet: fleetOf(etcdOf(3)), hosts, change: upgradeAll }), timing, hosts);
}

/** Lets time pass, with nobody answering anything. */
function wait(journey: Journey, ms: number): void {
  for (let waited = 0; waited < ms; waited += 1000) {
    journey.now += 1000;
    journey.decide();
  }
}

function intended(journey: Journey, step: Step): number {
  return journey.facts.filter((fact) => fact.kind === 'intended' && fact.step === step).length;
}

describe('what halts', () => {
  it('is a person', () => {
    assert.deepEqual(haltReason({ halt, limits: off }), { code: 'halted', by: 'ada', text: 'storm', since: noon });
  });

  it('is the limits file, by its word and where it cannot be trusted', () => {
    const byFile: LimitsReading = { kind: 'limits', limits: { ...noLimits, halt: 'audit' } };

    assert.deepEqual(haltReason({ halt: null, limits: byFile }), {
      code: 'halted',
      by: 'limits.yaml',
      text: 'audit',
      since: 0,
    });
    assert.equal(haltReason({ halt: null, limits: unreadable })?.code, 'limits-unreadable');
  });

  it('is nothing else', () => {
    assert.equal(haltReason({ halt: null, limits: off }), null);
  });
});

describe('a halted rollout', () => {
  it('prepares nobody and takes nobody', () => {
    const journey = new Journey(planOf());
    journey.extra = { halt };
    wait(journey, 60_000);

    assert.deepEqual([intended(journey, 'preflight'), journey.slots.length], [0, 0]);
    assert.equal(journey.why('web-1')?.code, 'halted');
  });

  it('takes nobody who is ready', () => {
    const journey = new Journey();
    journey.continueTo('fetch');
    journey.extra = { halt };
    journey.finishAll('fetch', succeeded);
    wait(journey, 60_000);

    assert.deepEqual([journey.host().state.kind, journey.slots.length], ['ready', 0]);
  });

  it('begins neither the drain nor the switchover of a host that has just got its slot', () => {
    for (const journey of [new Journey(), voting()]) {
      const host = [...journey.rollout.hosts.keys()][0] ?? '';
      journey.continueUntil('it is ready', () => journey.host(host).state.kind === 'ready');
      journey.record({ kind: 'slotTaken', host });
      journey.look = { leader: host };
      journey.extra = { halt };
      wait(journey, 60_000);

      assert.deepEqual([intended(journey, 'drain'), intended(journey, 'switchover')], [0, 0]);
      assert.equal(journey.why(host)?.code, 'halted');
    }
  });

  for (const [before, step] of [
    ['fetch', 'drain'],
    ['drain', 'apply'],
    ['apply', 'reboot'],
  ] as const) {
    it(`does not begin the ${step}, and does once the halt has ended`, () => {
      const journey = new Journey();
      journey.continueTo(before);
      journey.extra = { halt };
      journey.finishAll(before, succeeded);
      wait(journey, 3_600_000);
      assert.equal(intended(journey, step), 0);
      assert.equal(journey.why()?.code, 'halted');

      journey.record({ kind: 'unhalted', by: 'ada' });
      journey.extra = {};
      journey.continueTo(step);
    });
  }

  for (const step of ['verify', 'undrain', 'settle'] as const) {
    it(`goes on with its ${step}`, () => {
      const journey = new Journey();
      journey.continueUntil(step, () => journey.host().steps[0] === step);
      journey.extra = { halt };

      journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    });
  }

  it('puts a drain back that a balancer has forgotten', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.extra = { halt };
    delete journey.servers['web-1'];
    wait(journey, 2000);

    const [first] = journey.open('drain');
    assert.equal(first?.purpose, 'protect');
  });

  it('does not roll back either', () => {
    const journey = new Journey(planOf());
    journey.continueTo('apply');
    journey.finishAll('apply', failed());
    journey.record({ kind: 'abortRequested', by: 'ada', reason: '' });
    journey.extra = { halt };
    wait(journey, 60_000);

    assert.equal(intended(journey, 'rollback'), 0);
    assert.equal(journey.why()?.code, 'halted');
  });

  for (const step of ['drain', 'apply', 'reboot'] as const) {
    it(`calls it no failure that its ${step} was not sent, however long the halt lasts`, () => {
      const journey = new Journey();
      journey.continueTo(step);
      journey.extra = { limits: unreadable };
      journey.finishAll(step, unreachable);
      wait(journey, 3_600_000);
      assert.equal(journey.host().state.kind, 'out');

      journey.extra = {};
      wait(journey, timing.retryLastMs);

      assert.equal(journey.open(step).length > 0, true);
    });
  }
});

describe('a host that waits for a reboot that the limits allow', () => {
  it('says until when, stays where it is, and reboots then', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    const limits: LimitsReading = { kind: 'limits', limits: { ...noLimits, rebootsPerHour: 1 } };
    const rebootedAt = journey.now;
    journey.extra = { limits, limiterFacts: { ...journey.world.limiterFacts, rebootsAt: [rebootedAt] } };
    journey.finishAll('apply', succeeded);
    wait(journey, 1_800_000);
    assert.deepEqual(journey.why(), { code: 'limit-reboots', limit: 1, until: rebootedAt + 3_600_000 });

    wait(journey, 1_800_000);

    assert.equal(journey.open('reboot').length, 1);
  });
});
