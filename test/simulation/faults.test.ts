import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet, Policy } from '../../controller/core/fleet.ts';
import type { Fault } from '../support/simulation/faults.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../support/simulation/simulated-fleet.ts';

/** Two web hosts; web-1 goes first. */
async function started(faults: readonly Fault[], policy: Partial<Policy> = {}): Promise<SimulatedFleet> {
  const fleet: Fleet = { ...smallShop, policy: { ...smallShop.policy, ...policy } };
  const simulated = new SimulatedFleet({ fleet, hosts: smallShopHosts, faults });
  await simulated.startRollout();
  return simulated;
}

/** A canary that failed closes its stage; a person opens it. */
async function resumedToTheEnd(simulated: SimulatedFleet): Promise<void> {
  await simulated.until('the rollout is stopped', () => simulated.rollout.state === 'stopped');
  simulated.submit({ kind: 'resumed', by: 'ada' });
  await simulated.untilEnded();
}

function reasonText(fleet: SimulatedFleet, host = 'web-1'): string {
  return JSON.stringify(fleet.whyNot(host));
}

describe('a fault', () => {
  it('of the network only makes the rollout wait: an unreachable host says so and is done later', async () => {
    const fleet = await started([{ kind: 'unreachable', host: 'web-1', from: 0, to: 60_000 }]);

    await fleet.until('web-1 says why', () => fleet.whyNot('web-1')?.code === 'host-unreachable', 20_000);
    assert.equal(fleet.rules.slots.length, 0);

    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  for (const verb of ['preflight', 'fetch', 'apply', 'reboot', 'verify', 'status'] as const) {
    it(`that loses the answer to ${verb} leads to a look, never to a second effect`, async () => {
      const fleet = await started([{ kind: 'reply-lost', host: 'web-1', verb, times: 1 }]);

      await fleet.untilEnded();

      assert.equal(fleet.rollout.state, 'done');
      assert.equal(fleet.host('web-1').boots, 1);
    });
  }

  it('that loses the answer of a balancer leads to a look as well', async () => {
    const fleet = await started([{ kind: 'reply-lost', host: 'lb-1', verb: 'pool', times: 12 }]);

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });

  it('in the apply holds the host, stops the rollout and leaves the host drained', async () => {
    const fleet = await started([
      { kind: 'step-fails', host: 'web-1', verb: 'apply', code: 'package-manager-failed', times: 1 },
    ]);

    await fleet.until('the rollout is stopped', () => fleet.rollout.state === 'stopped');

    assert.equal(fleet.stateOf('web-1'), 'held');
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'maint');
    assert.equal(fleet.rules.slots.length, 1);
  });

  it('in the apply is taken back by an abort, over the previous version, and the host serves again', async () => {
    const fleet = await started([
      { kind: 'step-fails', host: 'web-1', verb: 'apply', code: 'package-manager-failed', times: 1 },
    ]);
    await fleet.until('the rollout is stopped', () => fleet.rollout.state === 'stopped');

    fleet.submit({ kind: 'abortRequested', by: 'ada', reason: '' });
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'aborted');
    assert.deepEqual(fleet.host('web-1').versions, { zdemo: '1.0.0' });
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
  });

  it('in the apply is undone where the policy says so, and the host serves again as before', async () => {
    const fleet = await started(
      [{ kind: 'step-fails', host: 'web-1', verb: 'apply', code: 'package-manager-failed', times: 1 }],
      {
        onFailure: 'undo',
        stopAfterHosts: 2,
      },
    );

    await resumedToTheEnd(fleet);

    assert.equal(fleet.rollout.state, 'done-with-exceptions');
    assert.deepEqual(fleet.host('web-1').versions, { zdemo: '1.0.0' });
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
    assert.deepEqual(fleet.host('web-3').versions, { zdemo: '1.1.0' });
  });

  it('in the new version is noticed by the checks, undone, and brought to nobody else', async () => {
    const fleet = await started([{ kind: 'sick-after-apply', host: 'web-1' }], {
      onFailure: 'undo',
      stopAfterHosts: 2,
    });

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'aborted');
    assert.deepEqual(fleet.host('web-3').versions, { zdemo: '1.0.0' });
    assert.deepEqual(fleet.host('web-1').versions, { zdemo: '1.0.0' });
    assert.match(reasonText(fleet), /verify.*check-failed/);
  });

  it('that keeps a host from returning holds it as unknown, however long one waits', async () => {
    const fleet = await started([{ kind: 'never-returns', host: 'web-1' }]);

    await fleet.until('web-1 is held', () => fleet.stateOf('web-1') === 'held');
    await fleet.pass(600_000);

    assert.match(reasonText(fleet), /step-unknown.*reboot/);
    assert.equal(fleet.rules.slots.length, 1);
  });

  it('that keeps a drain from ending gives the host back untouched', async () => {
    const fleet = await started([{ kind: 'drain-never-ends', host: 'web-1', balancer: 'lb-1' }], { stopAfterHosts: 2 });

    await resumedToTheEnd(fleet);

    assert.deepEqual(fleet.host('web-1').versions, { zdemo: '1.0.0' });
    assert.match(reasonText(fleet), /drain-timeout/);
    assert.equal(fleet.balancer('lb-2').adminOf('web-1'), 'ready');
  });

  it('of a balancer that forgets its drains is mended within two seconds', async () => {
    const fleet = await started([]);
    await fleet.until('web-1 reboots', () => fleet.host('web-1').disruptedBy === 'reboot');

    fleet.balancer('lb-1').restart();
    await fleet.pass(2000);

    assert.notEqual(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'ready');
  });

  it('that a user notices pauses the rollout with when, which server and who was out', async () => {
    const fleet = await started([{ kind: 'probe-fails', from: 6000, to: 8000 }]);

    await fleet.until('the rollout is paused', () => fleet.rollout.state === 'paused');

    const { reason } = fleet.rollout;
    assert.ok(reason?.code === 'probe-failed');
    assert.equal(reason.service, 'web');
    assert.deepEqual(reason.out, ['web-1']);
    assert.match(reason.server, /^web-/);
  });

  it('in another host while one is out gives that one back, and its reboot follows later', async () => {
    const fleet = new SimulatedFleet({ faults: [{ kind: 'service-down', host: 'web-3', from: 4000, to: 40_000 }] });
    await fleet.startRollout();

    await fleet.until('web-1 is given back', () =>
      fleet.rules.journal.some((event) => event.kind === 'rerouted' && event.reason.code === 'safety-lost'),
    );
    await fleet.until('web-1 is back', () => fleet.rules.slots.length === 0);
    assert.equal(fleet.host('web-1').boots, 0);

    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
    assert.equal(fleet.host('web-1').boots, 1);
  });

  it('in the agents keeps a host from being taken whose own labels nobody has heard', async () => {
    const fleet = await started([{ kind: 'agent-silent', host: 'web-3', from: -10_000, to: 60_000 }]);

    await fleet.until('web-3 waits for it', () => fleet.whyNot('web-3')?.code === 'labels-differ', 40_000);

    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('that kills two agents on hosts that are fine stops nothing: their executors and the balancers speak for them', async () => {
    const fleet = await started([
      { kind: 'agent-silent', host: 'web-1', from: 3000, to: Infinity },
      { kind: 'agent-silent', host: 'web-3', from: 3000, to: Infinity },
    ]);

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.deepEqual([fleet.host('web-1').boots, fleet.host('web-3').boots], [1, 1]);
  });

  it('that kills an agent is remembered by its successor: the labels it told count', async () => {
    const fleet = await started([{ kind: 'agent-silent', host: 'web-3', from: 3000, to: Infinity }]);
    await fleet.pass(4000);
    fleet.process.kill();
    await fleet.startController();

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });

  it('that kills three agents means that we are blind: nobody is taken', async () => {
    const fleet = new SimulatedFleet({
      faults: ['web-3', 'web-4', 'web-5'].map((host) => ({
        ...{ kind: 'agent-silent', host },
        ...{ from: -1000, to: 80_000 },
      })),
    });
    await fleet.startRollout();
    await fleet.until('web-2 waits', () => fleet.whyNot('web-2')?.code === 'members-missing', 60_000);
    await fleet.pass(15_000);
    assert.equal(fleet.stateOf('web-2'), 'ready');

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });

  it('that somebody else has taken the only other server out is respected: the last one stays', async () => {
    const fleet = await started([]);
    for (const balancer of ['lb-1', 'lb-2']) fleet.balancer(balancer).set('web-3', 'maint', 'others');

    await fleet.pass(120_000);

    assert.deepEqual(fleet.rules.effects, []);
    assert.equal(fleet.whyNot('web-1')?.code, 'members-missing');
  });
});

describe('a host that reboots by itself', () => {
  it('after it was done counts as serving again once its agent reports', async () => {
    const fleet = await started([]);
    await fleet.until('web-1 is done', () => fleet.stateOf('web-1') === 'done');

    fleet.host('web-1').goDown();
    fleet.clock.at(fleet.clock.now() + 3000, () => fleet.host('web-1').comeUp());

    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });
});

describe('a person', () => {
  for (const [what, sinceStartMs] of Object.entries({
    'the drain': 3000,
    'the apply': 4500,
    'the reboot': 9000,
    'the verification': 14_500,
  })) {
    it(`who aborts around ${what} gets every host back`, async () => {
      const fleet = await started([]);
      await fleet.pass(sinceStartMs);
      fleet.submit({ kind: 'abortRequested', by: 'ada', reason: 'wrong version' });

      await fleet.untilEnded();

      assert.equal(fleet.rollout.state, 'aborted');
      for (const id of ['web-1', 'web-3'])
        for (const balancer of ['lb-1', 'lb-2']) assert.equal(fleet.balancer(balancer).adminOf(id), 'ready');
      assert.equal(fleet.host('web-3').boots, 0);
    });
  }

  it('who pauses and resumes loses nothing', async () => {
    const fleet = await started([]);
    await fleet.pass(4000);
    fleet.submit({ kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: '' } });
    await fleet.pass(60_000);
    assert.equal(fleet.stateOf('web-1'), 'done');
    assert.equal(fleet.rules.slots.length, 0);

    fleet.submit({ kind: 'resumed', by: 'ada' });
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });
});
