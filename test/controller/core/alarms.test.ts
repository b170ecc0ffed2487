import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Policy } from '../../../controller/core/fleet.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import { failed, Journey, unknown } from '../../support/journey.ts';
import { noLimits, planOf, shop, upgrade, oneStage } from '../../support/world-of.ts';

const all = { ...upgrade, stages: oneStage };

function journeyWith(policy: Partial<Policy>, sameFailure: number | null = null): Journey {
  const journey = new Journey(planOf({ change: all, fleet: { ...shop, policy: { ...shop.policy, ...policy } } }));
  const limits: LimitsReading = { kind: 'limits', limits: { ...noLimits, sameFailure } };
  journey.extra = { limits };
  return journey;
}

/** Lets the preflight of hosts fail, one after the other. */
function failPreflights(journey: Journey, codes: readonly string[]): void {
  for (const code of codes) {
    journey.continueUntil('another preflight', () => journey.open().some((intent) => intent.step === 'preflight'));
    const intent = journey.open().find((each) => each.step === 'preflight');
    if (intent !== undefined) journey.finish(intent, failed(code));
    journey.decide();
    journey.decide();
  }
}

describe('the share of failed hosts that stops a rollout', () => {
  it('counts the hosts of the plan: 34 % of six are two', () => {
    const journey = journeyWith({ stopAfterHosts: 100, stopAfterPercent: 34 });

    failPreflights(journey, ['disk-full']);
    assert.equal(journey.rollout.state, 'running');
    failPreflights(journey, ['package-manager-failed']);

    assert.equal(journey.rollout.state, 'stopped');
  });

  it('counts no host that was left alone since people are logged in there', () => {
    const journey = journeyWith({ stopAfterHosts: 1, stopAfterPercent: 1 }, 2);

    failPreflights(journey, ['users-logged-in', 'users-logged-in']);

    assert.equal(journey.rollout.state, 'running');
    const skipped = [...journey.rollout.hosts.values()].filter(({ state }) => state.kind === 'skipped');
    assert.equal(skipped.length, 2);
  });

  it('is never less than one host', () => {
    const journey = journeyWith({ stopAfterHosts: 100, stopAfterPercent: 1 });
    journey.decide();
    assert.equal(journey.rollout.state, 'running');

    failPreflights(journey, ['disk-full']);

    assert.equal(journey.rollout.state, 'stopped');
  });

  it('counts beside the number of hosts: whichever is reached first', () => {
    const journey = journeyWith({ stopAfterHosts: 1, stopAfterPercent: 90 });

    failPreflights(journey, ['disk-full']);

    assert.equal(journey.rollout.state, 'stopped');
  });
});

describe('a failure in a stage before the last', () => {
  it('stops the rollout, whatever its policy forgives later', () => {
    const policy = { ...shop.policy, stopAfterHosts: 100 };
    const journey = new Journey(planOf({ fleet: { ...shop, policy } }));

    failPreflights(journey, ['disk-full']);

    assert.equal(journey.rollout.state, 'stopped');
  });
});

describe('the same failure', () => {
  it('on as many hosts as the limits say stops the rollout, whatever its policy forgives', () => {
    const journey = journeyWith({ stopAfterHosts: 100 }, 2);

    failPreflights(journey, ['disk-full', 'disk-full']);

    assert.deepEqual(journey.rollout.reason, {
      code: 'same-failure',
      signature: 'preflight disk-full',
      hosts: ['web-1', 'web-2'],
    });
  });

  it('is not that of another code', () => {
    const journey = journeyWith({ stopAfterHosts: 100 }, 2);

    failPreflights(journey, ['disk-full', 'package-manager-failed']);

    assert.equal(journey.rollout.state, 'running');
  });

  it('is also that of a step whose end nobody knows', () => {
    const journey = journeyWith({ stopAfterHosts: 100 }, 2);
    journey.continueUntil(
      'both of zone a are to be patched',
      () => journey.open('apply', 'web-2').length === 1 && journey.open('apply').length === 1,
    );
    for (const host of ['web-1', 'web-2'])
      for (const intent of journey.open('apply', host)) journey.finish(intent, unknown);
    journey.decide();
    journey.decide();

    const { reason } = journey.rollout;
    assert.equal(reason?.code === 'same-failure' ? reason.signature : reason, 'apply unknown');
  });

  it('that a person has accepted is not held against the rollout, until it strikes anew', () => {
    const journey = journeyWith({ stopAfterHosts: 100 }, 2);
    failPreflights(journey, ['disk-full', 'disk-full']);

    journey.record({ kind: 'resumed', by: 'ada' });
    failPreflights(journey, ['disk-full']);
    assert.equal(journey.rollout.state, 'running');
    failPreflights(journey, ['disk-full']);

    assert.equal(journey.rollout.state, 'stopped');
  });
});

describe('a fleet that is not the one of the plan any more', () => {
  function edited(journey: Journey, hash: string): void {
    journey.extra = { fleet: { hash, changes: new Map([['r1', 'web, policy']]) } };
  }

  it('pauses the rollout and says what differs', () => {
    const journey = journeyWith({});
    edited(journey, 'abc');

    journey.decide();

    assert.equal(journey.rollout.state, 'paused');
    assert.deepEqual(journey.rollout.reason, { code: 'fleet-changed', hash: 'abc', detail: 'web, policy' });
  });

  it('lets a person go on, and asks again for another change only', () => {
    const journey = journeyWith({});
    edited(journey, 'abc');
    journey.decide();
    journey.record({ kind: 'resumed', by: 'ada' });
    journey.decide();
    assert.equal(journey.rollout.state, 'running');

    edited(journey, 'def');
    journey.decide();

    assert.equal(journey.rollout.state, 'paused');
  });

  it('is not accepted by a resume that answers another question', () => {
    const journey = journeyWith({});
    journey.record({ kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: '' } });
    edited(journey, 'abc');
    journey.record({ kind: 'resumed', by: 'ada' });

    journey.decide();

    assert.equal(journey.rollout.reason?.code, 'fleet-changed');
  });

  it('does not matter to a rollout that it does not touch, nor before it was looked at', () => {
    const journey = journeyWith({});
    journey.extra = { fleet: { hash: 'abc', changes: new Map([['r2', 'web']]) } };
    journey.decide();
    journey.extra = { fleet: null };
    journey.decide();

    assert.equal(journey.rollout.state, 'running');
  });
});
