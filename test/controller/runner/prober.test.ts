import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Probe } from '../../../controller/core/fleet.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { Prober } from '../../../controller/runner/prober.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { noon, planOf, shop, webService } from '../../support/world-of.ts';

const url = 'http://192.0.2.2/';

function planWith(probe: Probe): Plan {
  return planOf({ fleet: { ...shop, services: [{ ...webService, probe }] } });
}

class Scene {
  readonly clock = new VirtualClock(noon);
  readonly requests: string[] = [];
  readonly out = new Set<string>();
  failures = 0;
  status = 200;
  readonly prober = new Prober({
    requester: {
      check: async () => ({ passed: true, detail: '' }),
      get: async (each) => {
        this.requests.push(each);
        return { status: this.status, server: 'web-1', detail: '' };
      },
    },
    clock: this.clock,
    deadlineMs: 1000,
    onFailure: () => (this.failures += 1),
    isSomebodyOut: (rollout) => this.out.has(rollout),
  });

  watch(...rollouts: readonly string[]): void {
    const plan = planWith({ urls: [url], perSecond: 10 });
    this.prober.watch(rollouts.map((id) => ({ id, plan })));
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(() => false, this.clock.now() + ms);
  }

  /** Sent, failed, sent while out. */
  counts(rollout: string): readonly unknown[] {
    return this.prober
      .takeCounts(rollout, true)
      .flatMap((fact) => (fact.kind === 'probed' ? [fact.sent, fact.failed, fact.sentWhileOut] : []));
  }
}

describe('the prober', () => {
  it('sends the requests of a service once, however many rollouts ask, and counts them for each', async () => {
    const scene = new Scene();
    scene.watch('r1', 'r2');
    scene.out.add('r2');
    await scene.pass(950);

    assert.equal(scene.requests.length, 10);
    assert.deepEqual(scene.counts('r1'), [10, 0, 0]);
    assert.deepEqual(scene.counts('r2'), [10, 0, 10]);
  });

  it('goes on without a gap for those that are left', async () => {
    const scene = new Scene();
    scene.watch('r1', 'r2');
    await scene.pass(450);
    scene.watch('r2', 'r3');
    await scene.pass(500);

    assert.equal(scene.requests.length, 10);
    assert.deepEqual(scene.counts('r1'), []);
    assert.deepEqual([scene.counts('r2')[0], scene.counts('r3')[0]], [10, 5]);
  });

  it('takes what the first of them says about a service where they differ', async () => {
    const scene = new Scene();
    scene.watch('r1');
    const moved = planWith({ urls: ['http://192.0.2.3/'], perSecond: 10 });
    scene.prober.watch([
      { id: 'r2', plan: moved },
      { id: 'r1', plan: planWith({ urls: [url], perSecond: 10 }) },
    ]);
    scene.requests.length = 0;
    await scene.pass(450);

    assert.deepEqual([...new Set(scene.requests)], ['http://192.0.2.3/']);
  });

  it('tells of a failure once, and writes it down in every journal', async () => {
    const scene = new Scene();
    scene.watch('r1', 'r2');
    scene.status = 503;
    await scene.pass(50);

    assert.equal(scene.failures, 1);
    assert.deepEqual([scene.counts('r1')[1], scene.counts('r2')[1]], [1, 1]);
  });

  it('sends nothing when nobody asks', async () => {
    const scene = new Scene();
    scene.watch('r1');
    scene.watch();
    scene.requests.length = 0;
    await scene.pass(1000);

    assert.deepEqual(scene.requests, []);
  });
});
