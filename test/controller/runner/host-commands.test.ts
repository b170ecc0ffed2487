import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../controller/core/change.ts';
import type { Host } from '../../../controller/core/fleet.ts';
import { labelHost, releaseHost, removeHost, retryHost } from '../../../controller/runner/host-commands.ts';
import { oneStage, upgrade } from '../../support/world-of.ts';
import type { Fault } from '../../support/simulation/faults.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';

const failsToApply: Fault = {
  kind: 'step-fails',
  host: 'web-1',
  verb: 'apply',
  code: 'package-manager-failed',
  times: 1,
};

type Parts = Parameters<typeof retryHost>[0];

interface Scene {
  readonly fleet: SimulatedFleet;
  readonly parts: Parts;
  readonly saved: Host[];
}

async function started(...faults: readonly Fault[]): Promise<Scene> {
  const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts, faults });
  await fleet.startRollout();
  const saved: Host[] = [];
  const hosts = {
    all: () => smallShopHosts,
    get: (id: string) => smallShopHosts.find((host) => host.id === id),
    save: async (host: Host) => void saved.push(host),
    remove: async (id: string) => smallShopHosts.some((host) => host.id === id),
  };
  const parts = { hosts, runner: fleet.process.runner } as unknown as Parts;
  return { fleet, parts, saved };
}

/** The same, with web-1 held and the rollout stopped. */
async function stopped(): Promise<Scene> {
  const scene = await started(failsToApply);
  await scene.fleet.until('the rollout is stopped', () => scene.fleet.rollout.state === 'stopped');
  return scene;
}

/** Lets time pass for what was asked. */
async function answered<T>(fleet: SimulatedFleet, asked: Promise<T>): Promise<T> {
  const [answer] = await Promise.all([asked, fleet.pass(1000)]);
  return answer;
}

describe('a person who says retry', () => {
  it('gets a held host on its way again', async () => {
    const { fleet, parts } = await stopped();

    assert.equal(await answered(fleet, retryHost(parts, 'web-1', 'ada', '')), 'r1');

    await fleet.until('web-1 is done', () => fleet.stateOf('web-1') === 'done');
  });

  it('is told in words that nothing has failed, or that no rollout has the host', async () => {
    const { parts } = await started();

    await assert.rejects(retryHost(parts, 'web-1', 'ada', ''), {
      code: 'ZDMS_HOST_STATE',
      message: /^web-1 cannot be tried again: it is (waiting|preparing), and nothing of it has failed$/,
    });
    await assert.rejects(retryHost(parts, 'lb-1', 'ada', ''), {
      code: 'ZDMS_HOST_STATE',
      message: 'no open rollout has lb-1',
    });
  });
});

describe('a person who says release', () => {
  it('takes over a held host with its drains, and the rollout goes on without it', async () => {
    const { fleet, parts } = await stopped();

    await answered(fleet, releaseHost(parts, 'web-1', 'ada', 'broken for good', ''));

    assert.deepEqual([fleet.rules.slots.length, fleet.rollout.obligations.size], [0, 0]);
    assert.equal(fleet.balancer('lb-1').adminOf('web-1'), 'maint');
    assert.equal(fleet.whyNot('web-1')?.code, 'released');
  });

  it('is asked to wait while something is under way on the host', async () => {
    const { fleet, parts } = await started();
    await fleet.until('web-1 is patched', () => fleet.host('web-1').disruptedBy === 'apply');

    await assert.rejects(releaseHost(parts, 'web-1', 'ada', '', ''), {
      code: 'ZDMS_HOST_STATE',
      message: /^web-1 cannot be released: apply is under way on it/,
    });
  });
});

describe('a word for a host of two rollouts', () => {
  const only = (host: string): Change => ({ ...upgrade, stages: oneStage, where: { kind: 'ids', ids: [host] } });

  it('means the one that holds it for a person', async () => {
    const { fleet, parts } = await stopped();
    await fleet.startAnother('r2', only('web-1'));

    assert.equal(await answered(fleet, releaseHost(parts, 'web-1', 'ada', 'broken', '')), 'r1');
  });

  it('has to say which where it could be either, and may', async () => {
    const { fleet, parts } = await started();
    await fleet.startAnother('r2', only('web-3'));
    const reason = { code: 'rollout-paused', by: 'ada', text: '' } as const;
    void fleet.process.runner.submit('r2', [{ kind: 'paused', by: 'ada', reason }]);
    await fleet.until(
      'it waits there',
      () => fleet.rules.rollouts.get('r2')?.hosts.get('web-3')?.state.kind === 'ready',
    );

    await assert.rejects(releaseHost(parts, 'web-3', 'ada', 'broken', ''), {
      code: 'ZDMS_ROLLOUT_AMBIGUOUS',
      next: 'Say which one: --rollout r1.',
    });
    await assert.rejects(releaseHost(parts, 'web-3', 'ada', 'broken', 'r9'), { code: 'ZDMS_HOST_STATE' });
    assert.equal(await answered(fleet, releaseHost(parts, 'web-3', 'ada', 'broken', 'r2')), 'r2');
  });
});

describe('labels', () => {
  it('are set and unset, one host at a time', async () => {
    const { fleet, parts, saved } = await started();
    await fleet.untilEnded();

    const labelled = await labelHost(parts, 'web-1', { rack: 'a9', tier: 'gold' }, ['role']);

    assert.deepEqual(labelled.labels, { zone: 'a', rack: 'a9', tier: 'gold' });
    assert.deepEqual(saved, [labelled]);
  });

  it('stay as they are while a rollout has the host, and of a stranger', async () => {
    const { parts } = await started();

    await assert.rejects(labelHost(parts, 'web-1', { rack: 'a9' }, []), { code: 'ZDMS_ROLLOUT_RUNNING' });
    await assert.rejects(labelHost(parts, 'db-1', { rack: 'a9' }, []), { code: 'ZDMS_HOST_UNKNOWN' });
  });
});

describe('a host', () => {
  it('is not removed while a rollout has it', async () => {
    const { fleet, parts } = await started();
    await assert.rejects(removeHost(parts, 'web-1'), { code: 'ZDMS_ROLLOUT_RUNNING' });
    await assert.rejects(
      removeHost(parts, 'lb-1'),
      { code: 'ZDMS_ROLLOUT_RUNNING' },
      'its drains are ours to put back',
    );

    await fleet.untilEnded();

    assert.equal(await removeHost(parts, 'web-1'), true);
    assert.equal(await removeHost(parts, 'db-1'), false);
  });
});
