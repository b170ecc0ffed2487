import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Intent, RolloutFact } from '../../controller/core/event.ts';
import type { Slot } from '../../controller/core/world.ts';
import type { Fault } from '../support/simulation/faults.ts';
import type { Effect } from '../support/simulation/simulated-host.ts';
import { calmShop, SimulatedFleet } from '../support/simulation/simulated-fleet.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../support/voting.ts';
import { windowOf } from '../support/window-of.ts';
import { evidence, noLimits, shop } from '../support/world-of.ts';

/** A fleet without a controller: a test writes the journal by itself, and lets hosts do what it likes. */
class Forgery {
  readonly fleet: SimulatedFleet;
  #slots: readonly Slot[] = [];

  constructor(options: ConstructorParameters<typeof SimulatedFleet>[0] = {}) {
    this.fleet = new SimulatedFleet({ fleet: calmShop, ...options });
    this.write({ kind: 'created', plan: this.fleet.plan, by: 'ada' }, { kind: 'started', by: 'ada' });
    this.write({ kind: 'stageOpened', stage: 0 });
    if (this.fleet.plan.stages.length > 1) this.write({ kind: 'stageOpened', stage: 1 });
  }

  write(...facts: readonly RolloutFact[]): void {
    const at = this.fleet.clock.now();
    for (const fact of facts) {
      if (fact.kind === 'slotTaken') this.#slots = [...this.#slots, { host: fact.host, rollout: 'r1', takenAt: at }];
      if (fact.kind === 'slotReleased') this.#slots = this.#slots.filter((slot) => slot.host !== fact.host);
    }
    this.fleet.rules.committed(
      'r1',
      facts.map((fact) => ({ at, ...fact })),
      this.#slots,
    );
  }

  takeOut(...hosts: readonly string[]): void {
    for (const host of hosts) {
      this.write({ kind: 'stepDone', host, step: 'preflight' }, { kind: 'stepDone', host, step: 'fetch' });
      this.write({ kind: 'slotTaken', host });
    }
  }

  intend(host: string, action: Intent['action'], step: Intent['step']): string {
    const token = `r1.${host}.${step}.1`;
    this.write({ kind: 'intended', host, step, token, attempt: 1, action, purpose: 'step', deadlineAt: 0 });
    return token;
  }

  effect(kind: Effect['kind'], host: string, token: string, more: Partial<Effect> = {}): void {
    const plan = this.fleet.plan.hash;
    this.fleet.rules.effect({ kind, host, by: host, token, epoch: 1, plan, restore: null, ...more });
  }

  breaks(what: RegExp): void {
    assert.match(this.fleet.rules.broken.join('\n'), what);
  }

  get broken(): readonly string[] {
    return this.fleet.rules.broken;
  }
}

function drained(forgery: Forgery, host: string): void {
  for (const balancer of ['lb-1', 'lb-2']) {
    forgery.intend(host, { kind: 'drain', balancer, backend: 'web', prior: 'ready' }, 'drain');
    forgery.fleet.balancer(balancer).set(host, 'maint', 'zdms');
    forgery.write({
      ...{ kind: 'finished', host, token: `r1.${host}.drain.1` },
      outcome: { kind: 'succeeded', evidence },
    });
  }
  forgery.write({ kind: 'stepDone', host, step: 'drain' });
}

describe('the rules of the simulation', () => {
  it('let a host be taken out, drained and patched', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    drained(forgery, 'web-1');

    forgery.effect('apply', 'web-1', forgery.intend('web-1', { kind: 'apply' }, 'apply'));

    assert.deepEqual(forgery.broken, []);
  });

  it('find an effect that nobody had written down', () => {
    const forgery = new Forgery();

    forgery.effect('apply', 'web-1', 'r1.web-1.apply.1');

    forgery.breaks(/before its intent is on disk/);
  });

  it('find an effect on a host without a slot', () => {
    const forgery = new Forgery();
    const token = forgery.intend('web-1', { kind: 'verify', expect: 'packages', afterReboot: false }, 'verify');

    forgery.effect('reboot', 'web-1', token);

    forgery.breaks(/holds no slot/);
  });

  it('find an effect that happens twice', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    drained(forgery, 'web-1');
    const token = forgery.intend('web-1', { kind: 'reboot', bootIdBefore: 'boot' }, 'reboot');

    forgery.effect('reboot', 'web-1', token);
    forgery.effect('reboot', 'web-1', token);

    forgery.breaks(/its effect twice/);
  });

  it('find an effect by another plan', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    drained(forgery, 'web-1');

    forgery.effect('apply', 'web-1', forgery.intend('web-1', { kind: 'apply' }, 'apply'), { plan: 'another' });

    forgery.breaks(/by another plan/);
  });

  it('find a host that is patched under its users', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');

    forgery.effect('apply', 'web-1', forgery.intend('web-1', { kind: 'apply' }, 'apply'));

    forgery.breaks(/still sends users to/);
  });
});

describe('the rules of the simulation about what ends', () => {
  it('find users on a host that nobody has verified', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    drained(forgery, 'web-1');
    forgery.effect('apply', 'web-1', forgery.intend('web-1', { kind: 'apply' }, 'apply'));
    const undrain = { kind: 'undrain', balancer: 'lb-1', backend: 'web', restore: 'ready' } as const;

    forgery.effect('open', 'web-1', forgery.intend('web-1', undrain, 'undrain'), { by: 'lb-1', restore: 'ready' });

    forgery.breaks(/nobody has verified/);
  });

  it('find a host that is let go while it is drained', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    drained(forgery, 'web-1');

    forgery.write({ kind: 'slotReleased', host: 'web-1', reason: null });

    forgery.breaks(/let go while still drained by us/);
    forgery.breaks(/nobody owes it a way back/);
  });

  it('find a host that counts as done without its version or its reboot', () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    forgery.write({ kind: 'slotReleased', host: 'web-1', reason: null });

    forgery.write({ kind: 'hostEnded', host: 'web-1', ending: { kind: 'done' } });

    forgery.breaks(/with another version of zdemo/);
  });
});

describe('the rules of the simulation about what may be away', () => {
  const down = (host: string): Fault => ({ kind: 'service-down', host, from: 0, to: Infinity });
  const withTwoDown = (): Forgery => new Forgery({ faults: ['web-3', 'web-4'].map(down) });

  it('count those who are down for longer than one could miss', async () => {
    const forgery = withTwoDown();
    await forgery.fleet.pass(15_000);

    forgery.takeOut('web-1');

    forgery.breaks(/web-3, web-4, web-1 are away and web allows 2/);
  });

  it('blame nobody for what could not be seen yet', async () => {
    const forgery = withTwoDown();
    await forgery.fleet.pass(5000);

    forgery.takeOut('web-1');

    assert.deepEqual(forgery.broken, []);
  });

  it('find more hosts out than a group, a domain or the limits allow', () => {
    const forgery = new Forgery();
    forgery.fleet.limits = { kind: 'limits', limits: { ...noLimits, perDomain: { rack: 1 } } };

    forgery.takeOut('web-1', 'web-2');
    forgery.breaks(/the limits allow 1/);

    forgery.takeOut('web-3');
    forgery.breaks(/web allows 2/);
  });

  it('find hosts out in two domains of a group', () => {
    const forgery = new Forgery();

    forgery.takeOut('web-1', 'web-3');

    forgery.breaks(/2 domains of web/);
  });

  it('find a quorum group that is left without its majority, or whose leader is stopped', async () => {
    const hosts = etcdHosts(3);
    const fleet = { ...fleetOf({ ...etcdOf(3), oneAtATime: null }), policy: shop.policy };
    const forgery = new Forgery({ fleet, hosts, change: upgradeAll, faults: [down('etcd-3')] });
    await forgery.fleet.pass(15_000);
    forgery.takeOut('etcd-1');

    forgery.effect('apply', 'etcd-1', forgery.intend('etcd-1', { kind: 'apply' }, 'apply'));

    forgery.breaks(/2 are a majority/);
  });

  it('find a host that is taken out while every window is closed', () => {
    const windows = [windowOf('daily 13:00-14:00 UTC')];
    const forgery = new Forgery({ fleet: { ...calmShop, policy: { ...shop.policy, windows } } });

    forgery.takeOut('web-1');

    forgery.breaks(/outside every window/);
  });

  it('find what is sent after a halt', async () => {
    const forgery = new Forgery();
    forgery.takeOut('web-1');
    forgery.fleet.rules.halted();
    await forgery.fleet.pass(2000);
    const common = { v: 1, host: 'web-1', orderHash: '', epoch: 0, issuedAt: 0 } as const;

    forgery.fleet.rules.sent({ ...common, token: 'r1.web-1.apply.1', verb: 'apply' });

    forgery.breaks(/sent after a halt/);
  });
});
