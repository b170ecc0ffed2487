import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { harmless } from '../../../controller/runner/told-changes.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';

describe('who watches the runner', () => {
  it('stops nothing when he fails', async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startRollout();
    const fail = (): never => assert.fail('no room for another number');
    fleet.process.witness = { committed: fail, ticked: fail };

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });

  it('is logged then', () => {
    const logged: object[] = [];
    const fail = (): never => assert.fail('no room');
    const log = { error: (data: object) => void logged.push(data) };

    harmless({ committed: fail, ticked: fail }, log).ticked(5);

    assert.match(JSON.stringify(logged), /no room/);
  });
});
