import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Service } from '../../../controller/core/fleet.ts';
import { isVouchedFor, unproven, vouchedHostsMax } from '../../../controller/core/serving.ts';
import type { HostFacts, World } from '../../../controller/core/world.ts';
import { Journey, succeeded } from '../../support/journey.ts';
import { etcdHosts, etcdOf, groupReadings } from '../../support/voting.ts';
import { healthy, noon, timing, webService, worldOf } from '../../support/world-of.ts';

const longAgo = noon - timing.reportStaleMs - 1;

/** Its agent is dead, and its executor said a moment ago which boot it is on. */
function agentless(id: string, overrides: Partial<HostFacts> = {}): HostFacts {
  const { ownChecks } = healthy(id, noon);
  return healthy(id, longAgo, { ownChecks, overShell: { at: noon, bootId: `boot-of-${id}` }, ...overrides });
}

function doubt(hosts: Record<string, HostFacts>, service: Service = webService, extra: Partial<World> = {}): string {
  return unproven('web-1', service, timing, worldOf({ hosts, extra }), noon)?.because ?? 'serving';
}

describe('a host with a silent agent', () => {
  it('serves when its executor names its boot and the balancers show it up', () => {
    assert.equal(doubt({ 'web-1': agentless('web-1') }), 'serving');
  });

  it('does not serve when nobody has asked its executor', () => {
    assert.equal(doubt({ 'web-1': agentless('web-1', { overShell: null }) }), 'report-stale');
  });

  it('does not serve on a word of its executor that is too old', () => {
    const overShell = { at: longAgo, bootId: 'boot-of-web-1' };

    assert.equal(doubt({ 'web-1': agentless('web-1', { overShell }) }), 'report-stale');
  });

  it('does not serve on a word from before our last effect on it', () => {
    const since = { lastEffectAt: new Map([['web-1', noon + 1]]) };

    assert.equal(doubt({ 'web-1': agentless('web-1') }, webService, since), 'report-stale');
  });

  it('does not serve on another boot than it has to be on', () => {
    const other = { bootIds: new Map([['web-1', 'the-boot-after']]) };

    assert.equal(doubt({ 'web-1': agentless('web-1') }, webService, other), 'report-stale');
  });

  it('does not serve when the controller has not seen it well itself', () => {
    const failing = [{ at: noon, bootId: null, passed: false, detail: 'status 500' }];

    assert.equal(doubt({ 'web-1': agentless('web-1', { ownChecks: [] }) }), 'report-stale');
    assert.equal(doubt({ 'web-1': agentless('web-1', { ownChecks: failing }) }), 'report-stale');
  });

  it('does not serve when a balancer does not show it up', () => {
    const world = worldOf({ hosts: { 'web-1': agentless('web-1') }, servers: { 'web-1': { up: false } } });

    assert.equal(unproven('web-1', webService, timing, world, noon)?.because, 'pool-down');
  });

  it('does not serve where nothing but the host could say so: in no service, or in one without any check', () => {
    const blind: Service = { ...webService, pool: null, checks: [] };

    assert.equal(doubt({ 'web-1': agentless('web-1') }, blind), 'report-stale');
    const world = worldOf({ hosts: { 'web-1': agentless('web-1') } });
    assert.equal(unproven('web-1', undefined, timing, world, noon)?.because, 'report-stale');
  });

  it('serves in a service without a pool when the checks of the controller pass', () => {
    const poolless: Service = { ...webService, pool: null };

    assert.equal(doubt({ 'web-1': agentless('web-1') }, poolless), 'serving');
  });

  it('serves as a voter when the others say so', () => {
    const hosts = etcdHosts(3);
    const quorums = new Map([['etcd', groupReadings(hosts, noon)]]);
    const world = worldOf({ members: hosts, hosts: { 'etcd-1': agentless('etcd-1') }, extra: { quorums } });

    assert.equal(unproven('etcd-1', etcdOf(3), timing, world, noon), null);
  });

  it('is believed in company of one other, and nobody is in that of two', () => {
    const ids = ['web-1', 'web-2', 'web-3'];
    const two = Object.fromEntries(ids.slice(0, vouchedHostsMax).map((id) => [id, agentless(id)]));
    const three = Object.fromEntries(ids.map((id) => [id, agentless(id)]));

    assert.equal(doubt(two), 'serving');
    assert.equal(doubt(three), 'report-stale');
  });

  it('needs no vouching while its agent is heard', () => {
    const facts = healthy('web-1', noon, { overShell: { at: noon, bootId: 'boot-of-web-1' } });

    assert.equal(isVouchedFor('web-1', timing, worldOf({ hosts: { 'web-1': facts } }), noon), false);
  });
});

describe('a service without a pool and without a group', () => {
  const poolless: Service = { ...webService, pool: null };

  it('is looked at by the controller itself: the word of agents alone is not enough', () => {
    assert.equal(doubt({ 'web-1': healthy('web-1', noon, { ownChecks: [] }) }, poolless), 'own-check-failed');
  });

  it('is down where the last look says so', () => {
    const ownChecks = [
      { at: noon - 1000, bootId: null, passed: true, detail: '' },
      { at: noon, bootId: null, passed: false, detail: 'refused' },
    ];

    assert.equal(doubt({ 'web-1': healthy('web-1', noon, { ownChecks }) }, poolless), 'own-check-failed');
  });

  it('believes no look that is stale, or from before our last effect', () => {
    const ownChecks = [{ at: longAgo, bootId: null, passed: true, detail: '' }];
    const since = { lastEffectAt: new Map([['web-1', noon]]) };
    const before = [{ at: noon - 1, bootId: null, passed: true, detail: '' }];

    assert.equal(doubt({ 'web-1': healthy('web-1', noon, { ownChecks }) }, poolless), 'own-check-failed');
    assert.equal(
      doubt({ 'web-1': healthy('web-1', noon, { ownChecks: before }) }, poolless, since),
      'own-check-failed',
    );
  });

  it('without checks rests on its agents, as nothing else could tell', () => {
    assert.equal(doubt({ 'web-1': healthy('web-1', noon, { ownChecks: [] }) }, { ...poolless, checks: [] }), 'serving');
  });
});

describe('a host that is out and whose agent has died', () => {
  /** Patched, rebooted, and silent since; the executor says that it is on its new boot. */
  function silentSince(step: 'verify' | 'settle'): Journey {
    const journey = new Journey();
    journey.continueUntil(step, () => journey.host().steps[0] === step);
    journey.finishAll(step, succeeded);
    const lastBeatAt = journey.now - timing.reportStaleMs - 1;
    for (let passed = 0; passed < 6; passed += 1) {
      journey.now += 1000;
      const { bootId } = journey.host();
      journey.hosts['web-1'] = healthy('web-1', lastBeatAt, {
        ...{ bootId: bootId ?? 'boot-of-web-1', ownChecks: healthy('web-1', journey.now).beats },
        overShell: { at: journey.now, bootId: bootId ?? 'boot-of-web-1' },
      });
      journey.decide();
      journey.finishAll(step, succeeded);
    }
    return journey;
  }

  for (const step of ['verify', 'settle'] as const) {
    it(`passes its ${step} by the word of its executor and by the checks of the controller`, () => {
      assert.notEqual(silentSince(step).host().steps[0], step);
    });
  }
});
