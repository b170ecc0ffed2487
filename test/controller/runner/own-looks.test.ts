import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hostsToCheck, silentHosts } from '../../../controller/runner/own-looks.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import { Journey } from '../../support/journey.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../../support/voting.ts';
import { healthy, noon, planOf, rolloutOf, shop, timing, webService, worldOf } from '../../support/world-of.ts';

const often = timing.checkEveryMs;
const nowAndThen = timing.ownLookEveryMs;
const silent = healthy('web-2', noon - timing.reportStaleMs - 1);

function looks(rollout: Rollout, world = worldOf()): Record<string, number> {
  return Object.fromEntries(hostsToCheck(rollout, world, timing, noon).map(({ id, everyMs }) => [id, everyMs]));
}

describe('the controller looks for itself', () => {
  it('at nobody where balancers and agents tell all there is to know', () => {
    assert.deepEqual(looks(rolloutOf(planOf())), {});
  });

  for (const step of ['verify', 'settle'] as const) {
    it(`often at a host that is being proven (${step})`, () => {
      const journey = new Journey();
      journey.continueUntil(step, () => journey.host().steps[0] === step);

      assert.deepEqual(looks(journey.rollout), { 'web-1': often });
    });
  }

  it('not at a host that is out for its other steps', () => {
    const journey = new Journey();
    journey.continueTo('reboot');

    assert.deepEqual(looks(journey.rollout), {});
  });

  it('now and then at hosts with a silent agent', () => {
    assert.deepEqual(looks(rolloutOf(planOf()), worldOf({ hosts: { 'web-2': silent, 'web-4': null } })), {
      'web-2': nowAndThen,
      'web-4': nowAndThen,
    });
  });

  it('often at one with a silent agent that is being proven', () => {
    const journey = new Journey();
    journey.continueUntil('verify', () => journey.host().steps[0] === 'verify');

    assert.deepEqual(looks(journey.rollout, worldOf({ hosts: { 'web-1': null } })), { 'web-1': often });
  });

  it('now and then at every member of a service without a pool and without a group', () => {
    const fleet = { ...shop, services: [{ ...webService, pool: null }] };

    assert.deepEqual(Object.keys(looks(rolloutOf(planOf({ fleet })))), [
      'web-1',
      'web-2',
      'web-3',
      'web-4',
      'web-5',
      'web-6',
    ]);
  });

  it('at no voter: its group tells, and at no service that has no checks', () => {
    const hosts = etcdHosts(3);
    const rollout = rolloutOf(planOf({ fleet: fleetOf(etcdOf(3)), hosts, change: upgradeAll }));
    const unchecked = { ...shop, services: [{ ...webService, pool: null, checks: [] }] };

    assert.deepEqual(looks(rollout, worldOf({ members: hosts })), {});
    assert.deepEqual(looks(rolloutOf(planOf({ fleet: unchecked }))), {});
  });
});

describe('a silent host', () => {
  it('is one of the fleet of the plan whose agent has not been heard for too long', () => {
    const world = worldOf({ hosts: { 'web-2': silent, 'lb-1': null } });

    assert.deepEqual(silentHosts(rolloutOf(planOf()), world, timing, noon), ['web-2', 'lb-1']);
  });
});
