import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet } from '../../controller/core/fleet.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../support/simulation/simulated-fleet.ts';
import { windowOf } from '../support/window-of.ts';
import { noon } from '../support/world-of.ts';

const minute = 60_000;

/** The first has room for one host after the other until its last two minutes, which is what a host is thought to take. */
const windows = ['daily 12:05-12:08 UTC', 'daily 12:20-12:30 UTC'].map(windowOf);
const windowed: Fleet = { ...smallShop, policy: { ...smallShop.policy, windows } };

describe('a rollout in maintenance windows', () => {
  it('takes hosts in them alone, lets the last one finish, and goes on in the next', async () => {
    const fleet = new SimulatedFleet({ fleet: windowed, hosts: smallShopHosts });
    await fleet.startRollout();
    await fleet.until('web-1 is prepared', () => fleet.stateOf('web-1') === 'ready');
    assert.equal(fleet.whyNot('web-1')?.code, 'outside-window');

    await fleet.untilEnded(40 * minute);

    const taken = fleet.rules.journal.filter((event) => event.kind === 'slotTaken');
    assert.equal(fleet.rollout.state, 'done');
    assert.deepEqual(
      taken.map((event) => event.host),
      ['web-1', 'web-3'],
    );
    for (const { at } of taken) {
      const minutes = (at - noon) / minute;
      assert.ok((minutes >= 5 && minutes <= 6) || (minutes >= 20 && minutes <= 28), `${minutes} minutes after noon`);
    }
  });

  it('waits for its window under a successor too', async () => {
    const fleet = new SimulatedFleet({ fleet: windowed, hosts: smallShopHosts });
    await fleet.startRollout();
    await fleet.until('web-1 is prepared', () => fleet.stateOf('web-1') === 'ready');

    fleet.process.kill();
    await fleet.startController();
    await fleet.until('web-1 is out', () => fleet.rules.slots.length > 0);

    assert.ok(fleet.clock.now() >= noon + 5 * minute);
  });
});
