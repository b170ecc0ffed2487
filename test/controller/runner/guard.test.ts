import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet, Host, SharedBudget } from '../../../controller/core/fleet.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import { fleetDifference, Guard } from '../../../controller/runner/guard.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import {
  hostOf,
  inventoryOf,
  noLimits,
  noon,
  planOf,
  rolloutOf,
  shop,
  shopHosts,
  slotsOf,
  timing,
  webService,
  worldOf,
} from '../../support/world-of.ts';

const off: LimitsReading = { kind: 'limits', limits: noLimits };

class Scene {
  readonly clock = new VirtualClock(noon);
  limits = off;
  hosts: readonly Host[] = shopHosts;
  fleet: Fleet | Error = shop;
  reads = 0;
  woken = 0;
  readonly guard = new Guard({
    ...{ clock: this.clock, timing },
    limits: { read: () => this.limits },
    hosts: () => this.hosts,
    readFleet: async () => {
      this.reads += 1;
      if (this.fleet instanceof Error) throw this.fleet;
      return this.fleet;
    },
    onFact: () => (this.woken += 1),
  });
  readonly rollout = rolloutOf(planOf());

  async watch(): Promise<ReturnType<Guard['facts']>['fleet']> {
    this.guard.watchFleet([this.rollout]);
    await this.clock.runUntil(() => false, this.clock.now() + 3000);
    return this.facts().fleet;
  }

  facts(hosts = worldOf().hosts, slots = slotsOf(), recent = [this.rollout]): ReturnType<Guard['facts']> {
    return this.guard.facts(hosts, slots, recent);
  }
}

describe('the guard halts', () => {
  it('by the word of a person, and wakes whoever decides', () => {
    const scene = new Scene();
    assert.equal(scene.guard.isHalted(), false);

    scene.guard.setHalt({ since: noon, by: 'ada', text: 'storm' });

    assert.equal(scene.guard.isHalted(), true);
    assert.equal(scene.facts().halt?.text, 'storm');
    assert.equal(scene.woken, 1);
  });

  it('by the limits file as it is at that moment', () => {
    const scene = new Scene();
    scene.limits = { kind: 'limits', limits: { ...noLimits, halt: 'audit' } };
    assert.equal(scene.guard.isHalted(), true);

    scene.limits = { kind: 'unreadable', detail: 'gone' };
    assert.equal(scene.guard.isHalted(), true);

    scene.limits = off;
    assert.equal(scene.guard.isHalted(), false);
  });
});

describe('what the limiter is told of a host', () => {
  it('has the labels of the store and, once it has reported, those of the host itself', () => {
    const scene = new Scene();
    assert.equal(scene.facts().limiterFacts.hosts.get('web-1')?.ownLabels, null);
    const report = inventoryOf(shopHosts)[0]?.report;
    assert.ok(report);

    scene.guard.recordReport('web-1', { ...report, labels: { zone: 'z' }, hardwareModel: 'R640' });

    const told = scene.facts().limiterFacts.hosts.get('web-1');
    assert.deepEqual([told?.labels['zone'], told?.ownLabels, told?.hardwareModel], ['a', { zone: 'z' }, 'R640']);
  });

  it('is silent when its agent is, but not while it is out', () => {
    const scene = new Scene();
    const unheard = worldOf({ hosts: { 'web-1': null, 'web-2': null } }).hosts;

    const { hosts } = scene.facts(unheard, slotsOf('web-2')).limiterFacts;

    assert.deepEqual(
      [...hosts].filter(([, host]) => host.silent).map(([id]) => id),
      ['web-1'],
    );
  });

  it('has the reboots and the open failures of all rollouts', () => {
    const reason = { code: 'step-failed', step: 'preflight', failure: { code: 'disk-full', message: '' } } as const;
    const failing = rolloutOf(planOf(), [
      { kind: 'skipped', host: 'web-1', reason },
      { kind: 'skipped', host: 'web-2', reason },
    ]);
    const accepting = rolloutOf(planOf(), [
      { kind: 'skipped', host: 'web-3', reason },
      { kind: 'paused', by: 'ada', reason },
      { kind: 'resumed', by: 'ada' },
    ]);
    const rebooting = rolloutOf(planOf(), [
      { kind: 'stageOpened', stage: 0 },
      { kind: 'stepDone', host: 'web-1', step: 'preflight' },
      { kind: 'stepDone', host: 'web-1', step: 'fetch' },
      { kind: 'slotTaken', host: 'web-1' },
      {
        ...{ kind: 'intended', host: 'web-1', step: 'reboot', token: 't', attempt: 1, purpose: 'step' },
        ...{ action: { kind: 'reboot', bootIdBefore: 'b' }, deadlineAt: noon },
      },
    ]);

    const { failures, rebootsAt } = new Scene().facts(undefined, [], [failing, accepting, rebooting]).limiterFacts;

    assert.deepEqual(
      failures.map((each) => [each.host, each.signature]),
      [
        ['web-1', 'preflight disk-full'],
        ['web-2', 'preflight disk-full'],
      ],
    );
    assert.deepEqual(rebootsAt, [noon]);
  });
});

describe('the fleet that a plan was made for', () => {
  const plan = planOf();

  it('differs in nothing while the files and the hosts mean the same', () => {
    assert.equal(
      fleetDifference(plan, structuredClone(shop), shopHosts, () => 'VM'),
      null,
    );
    assert.equal(
      fleetDifference(plan, shop, [...shopHosts].reverse(), () => 'VM'),
      null,
    );
  });

  it('differs in a service, the policy, the topology, the hosts of a service or the labels that its rules need', () => {
    const moved = shopHosts.map((host) =>
      host.id === 'web-1' ? { ...host, labels: { ...host.labels, zone: 'c' } } : host,
    );
    const more = [...shopHosts, hostOf('web-7', { zone: 'a', rack: 'a1', role: 'web' })];
    const [, edge] = shop.services;
    const together: SharedBudget = {
      ...{ name: 'front', over: { kind: 'services', services: ['web', 'edge'] } },
      ...{ maxOut: 2, oneAtATime: null },
    };
    assert.ok(edge);

    for (const [fleet, hosts, expected] of [
      [{ ...shop, services: [{ ...webService, maxOut: 1 }, edge] }, shopHosts, 'service web'],
      [{ ...shop, services: [edge] }, shopHosts, 'service web'],
      [{ ...shop, budgets: [together] }, shopHosts, 'budgets'],
      [{ ...shop, policy: { ...shop.policy, stopAfterHosts: 9 } }, shopHosts, 'policy'],
      [{ ...shop, name: 'other' }, shopHosts, 'its name'],
      [shop, moved, 'hosts or their labels'],
      [shop, more, 'hosts or their labels'],
    ] as const)
      assert.equal(
        fleetDifference(plan, fleet, hosts, () => 'VM'),
        expected,
      );
  });

  it('is looked at while a rollout runs, every two seconds, and not otherwise', async () => {
    const scene = new Scene();
    scene.guard.watchFleet([]);
    assert.equal(scene.reads, 0);

    scene.guard.watchFleet([scene.rollout]);
    scene.guard.watchFleet([scene.rollout]);

    assert.equal(scene.reads, 1);
    assert.equal((await scene.watch())?.changes.size, 0);
  });

  it('is told as changed, with a hash that stays as long as the change does', async () => {
    const scene = new Scene();
    scene.fleet = { ...shop, policy: { ...shop.policy, stopAfterHosts: 9 } };

    const first = await scene.watch();
    const again = await scene.watch();
    scene.fleet = { ...shop, policy: { ...shop.policy, stopAfterHosts: 8 } };
    const other = await scene.watch();

    assert.equal(first?.changes.get('r1'), 'policy');
    assert.equal(first.hash, again?.hash);
    assert.notEqual(first.hash, other?.hash);
  });

  it('is told as changed where it cannot be read, with the first line of why', async () => {
    const scene = new Scene();
    scene.fleet = new Error('fleet.yaml:3: what is that?\nand more');

    const facts = await scene.watch();

    assert.equal(facts?.changes.get('r1'), 'it cannot be read (fleet.yaml:3: what is that?)');
    assert.equal(facts.hash, '');
  });
});
