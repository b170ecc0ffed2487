import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet } from '../../../controller/core/fleet.ts';
import type { HostFacts } from '../../../controller/core/world.ts';
import { retryFacts } from '../../../controller/core/person.ts';
import { failed, Journey, planForOne, unknown, unreachable } from '../../support/journey.ts';
import { healthy, shop, timing } from '../../support/world-of.ts';

const cyclingShop: Fleet = { ...shop, policy: { ...shop.policy, noReturn: 'powerCycle' } };

/** A host that was told to reboot and of which nothing is heard any more. */
function gone(fleet = cyclingShop, plan = planForOne({ fleet })): Journey {
  const journey = new Journey(plan);
  journey.continueTo('reboot');
  journey.hosts = { 'web-1': { ...spoken(journey), observedAt: journey.now - timing.reportStaleMs - 1 } };
  journey.finishAll('reboot', unknown);
  journey.decide();
  return journey;
}

function spoken(journey: Journey): HostFacts {
  return healthy('web-1', journey.now);
}

function nowAt(journey: Journey): string {
  const { state, steps } = journey.host();
  return `${state.kind}: ${steps.join(' ')}`;
}

describe('a host that does not return from its reboot', () => {
  it('is held where the policy does not say otherwise', () => {
    assert.equal(nowAt(gone(shop)), 'held: reboot verify undrain settle');
  });

  it('has its power cycled where it does, and is verified like any other when it is back', () => {
    const journey = gone();
    assert.equal(nowAt(journey), 'out: powerCycle verify undrain settle');
    const [intent] = journey.open('powerCycle');
    assert.ok(intent?.action.kind === 'powerCycle');
    assert.match(intent.action.reboot, /\.web-1\.reboot\.\d+$/);

    journey.hosts = {};
    const [verify] = journey.continueTo('verify');
    assert.deepEqual(verify?.action, { kind: 'verify', expect: 'packages', afterReboot: true });
  });

  it('is left its power while its machine may be taking firmware: a cut could be its end', () => {
    const bios = { device: 'b'.repeat(40), name: 'System Firmware', from: '7', version: '8', sha256: null };
    const plan = planForOne({ fleet: cyclingShop });
    const hosts = plan.hosts.map((host) => ({ ...host, firmware: [{ ...bios, needsReboot: true }] }));

    assert.equal(nowAt(gone(cyclingShop, { ...plan, hosts })), 'held: reboot verify undrain settle');
  });

  it('is left its power while its agent speaks: it lives, and something else keeps us from it', () => {
    const journey = new Journey(planForOne({ fleet: cyclingShop }));
    journey.continueTo('reboot');
    journey.finishAll('reboot', unknown);
    assert.equal(nowAt(journey), 'held: reboot verify undrain settle');
  });

  it('is held when that did not bring it back either, and its power is not taken twice', () => {
    const journey = gone();
    journey.finishAll('powerCycle', unknown);
    assert.equal(nowAt(journey), 'held: powerCycle verify undrain settle');
  });

  it('is rebooted when a person says again, or verified where it has booted: nobody takes its power a second time', () => {
    for (const [bootId, first] of [
      ['boot-of-web-1', 'reboot'],
      ['another-boot', 'verify'],
    ] as const) {
      const journey = gone();
      journey.finishAll('powerCycle', unknown);
      journey.now += 1000;
      journey.hosts = { 'web-1': healthy('web-1', journey.now, { bootId }) };
      const facts = retryFacts(journey.rollout, 'web-1', 'ada', journey.world);
      assert.ok(typeof facts !== 'string' && facts[0]?.kind === 'retried');
      assert.equal(facts[0].steps[0], first);
    }
  });

  it('is only waited for when its agent speaks again before its turn', () => {
    const journey = gone();
    journey.finishAll('powerCycle', unreachable);
    journey.now += 2000;
    journey.hosts = {};
    journey.decide();
    const [intent] = journey.open('powerCycle');
    assert.equal(intent?.action.kind === 'powerCycle' && intent.action.lives, true);
  });

  it('is held when its management controller refuses', () => {
    const journey = gone();
    journey.finishAll('powerCycle', failed('bmc-refused'));
    const { state } = journey.host();
    assert.deepEqual(state.kind === 'held' && state.reason.code, 'step-failed');
  });

  it('is asked for again while its management controller cannot be reached', () => {
    const journey = gone();
    journey.finishAll('powerCycle', unreachable);
    assert.equal(journey.why()?.code, 'bmc-unreachable');
    journey.now += 2000;
    journey.decide();
    assert.equal(journey.open('powerCycle').length, 1);
  });

  it('keeps its power while the fleet is halted', () => {
    const journey = new Journey(planForOne({ fleet: cyclingShop }));
    journey.continueTo('reboot');
    journey.extra = { halt: { by: 'ada', text: '', since: journey.now } };
    journey.hosts = { 'web-1': { ...spoken(journey), observedAt: journey.now - timing.reportStaleMs - 1 } };
    journey.finishAll('reboot', unknown);
    assert.equal(nowAt(journey), 'out: powerCycle verify undrain settle');
    assert.equal(journey.open('powerCycle').length, 0);
  });
});
