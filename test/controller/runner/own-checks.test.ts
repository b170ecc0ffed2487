import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { OwnChecks } from '../../../controller/runner/own-checks.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { hostOf, noon } from '../../support/world-of.ts';

const host = hostOf('job-1', { zone: 'a' });

describe('the checks of the controller', () => {
  it('look at a host that two rollouts want looked at once, at the faster pace', async () => {
    const clock = new VirtualClock(noon);
    const looks: number[] = [];
    const requester = {
      check: async () => ({ passed: true, detail: '' }),
      get: async () => ({ status: 200, server: '', detail: '' }),
    };
    const checks = new OwnChecks(requester, clock, () => looks.push(clock.now() - noon));
    const wanted = [5000, 1000].map((everyMs) => ({ host, checks: [], everyMs }));

    for (let tick = 0; tick < 3; tick += 1) {
      checks.watch(wanted);
      await clock.runUntil(() => false, clock.now() + 1000);
    }

    assert.deepEqual(looks, [0, 1000, 2000, 3000]);
  });
});
