import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SimulatedFleet, smallShop, smallShopHosts } from '../support/simulation/simulated-fleet.ts';
import { noLimits } from '../support/world-of.ts';

async function started(): Promise<SimulatedFleet> {
  const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
  await fleet.startRollout();
  return fleet;
}

/** What was done to users or hosts, in order. */
function harms(fleet: SimulatedFleet): readonly string[] {
  return fleet.rules.effects
    .filter((effect) => effect.kind !== 'open')
    .map((effect) => `${effect.kind} ${effect.host}`);
}

async function untilDrained(fleet: SimulatedFleet): Promise<void> {
  await fleet.until('web-1 is being drained', () => harms(fleet).includes('drain web-1'));
}

describe('a halt', () => {
  it('lets nothing disruptive begin, however long it lasts, and its end lets the rollout finish', async () => {
    const fleet = await started();
    await untilDrained(fleet);

    fleet.halt();
    await fleet.pass(600_000);

    assert.deepEqual([...new Set(harms(fleet))], ['drain web-1']);
    assert.equal(fleet.stateOf('web-1'), 'out');
    assert.equal(fleet.whyNot('web-1')?.code, 'halted');
    fleet.unhalt();
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('keeps a drain: a balancer that restarts meanwhile is told again within two seconds', async () => {
    const fleet = await started();
    await untilDrained(fleet);
    await fleet.pass(2000);
    fleet.halt();
    await fleet.pass(5000);

    fleet.balancer('lb-1').restart();
    await fleet.pass(2000);

    assert.notEqual(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
  });

  it('lets a host that has been rebooted already be proven and go back to its users', async () => {
    const fleet = await started();
    await fleet.until('web-1 reboots', () => fleet.host('web-1').disruptedBy === 'reboot');

    fleet.halt();
    await fleet.pass(60_000);

    assert.equal(fleet.stateOf('web-1'), 'done');
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
    assert.equal(fleet.whyNot('web-3')?.code, 'halted');
  });

  it('also holds back what waits for its host to be connected', async () => {
    const fleet = new SimulatedFleet({
      ...{ fleet: smallShop, hosts: smallShopHosts },
      faults: [{ kind: 'connects-slowly', host: 'web-1', from: 0, to: 60_000 }],
    });
    await fleet.startRollout();
    await fleet.until('web-1 is to be patched', () =>
      fleet.rules.journal.some((event) => event.kind === 'intended' && event.step === 'apply'),
    );

    fleet.halt();
    await fleet.pass(20_000);

    assert.deepEqual([...new Set(harms(fleet))], ['drain web-1']);
    fleet.unhalt();
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('survives its controller: a successor begins nothing either', async () => {
    const fleet = await started();
    await untilDrained(fleet);
    fleet.halt();
    await fleet.pass(2000);

    fleet.process.kill();
    await fleet.pass(60_000);
    await fleet.startController();
    await fleet.pass(60_000);

    assert.deepEqual([...new Set(harms(fleet))], ['drain web-1']);
    fleet.unhalt();
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('by a limits file that cannot be read any more is no failure of the host that is out', async () => {
    const fleet = await started();
    await fleet.until('web-1 is to be patched', () =>
      fleet.rules.journal.some((event) => event.kind === 'stepDone' && event.step === 'drain'),
    );

    fleet.limits = { kind: 'unreadable', detail: 'it is writable by everybody' };
    await fleet.pass(600_000);
    assert.equal(fleet.whyNot('web-1')?.code, 'limits-unreadable');
    fleet.limits = { kind: 'limits', limits: noLimits };
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });

  it('does not keep an abort from giving hosts back', async () => {
    const fleet = await started();
    await untilDrained(fleet);
    fleet.halt();
    await fleet.pass(2000);

    fleet.submit({ kind: 'abortRequested', by: 'ada', reason: '' });
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'aborted');
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
  });
});
