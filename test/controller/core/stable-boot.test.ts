import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { retryFacts } from '../../../controller/core/person.ts';
import { failed, Journey, planForOne, succeeded } from '../../support/journey.ts';
import { evidence, healthy, shop } from '../../support/world-of.ts';

const stableForMs = 300_000;
const fleet = { ...shop, policy: { ...shop.policy, onFailure: 'undo' as const, stableForMs } };
const newBoot = 'boot-after-the-reboot';

/** A host that has just come back from its reboot. */
function back(overrides: Parameters<typeof planForOne>[0] = { fleet }): Journey {
  const journey = new Journey(planForOne(overrides));
  journey.continueTo('reboot');
  journey.finishAll('reboot', { kind: 'succeeded', evidence: { ...evidence, bootId: newBoot } });
  return journey;
}

function passTime(journey: Journey, ms: number): void {
  journey.now += ms;
  journey.decide();
}

describe('a policy that wants a new boot to stand', () => {
  it('has the host verified only when it has stood so long, and says how long that is', () => {
    const journey = back();
    passTime(journey, 60_000);
    assert.equal(journey.open('verify').length, 0);
    assert.deepEqual(journey.why(), {
      ...{ code: 'confirming', step: 'verify', missing: 'its boot to stand for another 4m00s' },
    });

    passTime(journey, stableForMs - 60_000);
    assert.equal(journey.open('verify').length, 1);
  });

  it('does not count that time to the deadline of the verification', () => {
    const journey = back();
    passTime(journey, stableForMs);
    // Nothing is seen from outside yet.
    journey.hosts = { 'web-1': { ...healthy('web-1', journey.now, { bootId: newBoot }), ownChecks: [] } };
    journey.finishAll('verify', succeeded);
    passTime(journey, journey.timing.verifyDeadlineMs - 1000);
    assert.equal(journey.host().state.kind, 'out');
    assert.equal(journey.host().steps[0], 'verify');
  });

  it('gives up a host that boots again by itself meanwhile, and takes back what it got', () => {
    const journey = back();
    journey.now += 60_000;
    journey.hosts = { 'web-1': healthy('web-1', journey.now, { bootId: 'yet-another-boot' }) };
    journey.decide();

    const { reason } = journey.last('rerouted') ?? {};
    assert.equal(reason?.code === 'step-failed' && reason.failure.code, 'booted-again');
    assert.equal(journey.host().steps[0], 'rollback');
  });

  it('does not take the word of before the reboot for another boot', () => {
    const journey = back();
    journey.now += 60_000;
    journey.hosts = { 'web-1': { ...healthy('web-1', journey.now, { bootId: 'the-old-boot' }), observedAt: 0 } };
    journey.decide();
    assert.equal(journey.host().steps[0], 'verify');
  });

  it('lets a person have a host verified that did, on the boot that it is on now', () => {
    const holding = { ...fleet, policy: { ...fleet.policy, onFailure: 'hold' as const } };
    const journey = back({ fleet: holding });
    journey.now += 60_000;
    journey.hosts = { 'web-1': healthy('web-1', journey.now, { bootId: 'yet-another-boot' }) };
    journey.decide();
    assert.equal(journey.host().state.kind, 'held');

    const facts = retryFacts(journey.rollout, 'web-1', 'ada', journey.world);
    assert.ok(typeof facts !== 'string');
    journey.record(...facts);
    journey.hosts = {};
    passTime(journey, stableForMs);
    assert.equal(journey.open('verify').length, 1);
  });

  it('is nothing to a host that was not rebooted, or that goes back', () => {
    const journey = new Journey(planForOne({ fleet, change: { ...planForOne().change, reboot: 'never' } }));
    assert.equal(journey.continueTo('verify').length, 1);

    const undone = new Journey(planForOne({ fleet }));
    undone.continueTo('apply');
    undone.finishAll('apply', failed());
    undone.continueTo('rollback');
    undone.finishAll('rollback', succeeded);
    passTime(undone, 1000);
    assert.equal(undone.open('verify').length, 1);
  });
});
