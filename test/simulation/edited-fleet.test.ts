import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet } from '../../controller/core/fleet.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../support/simulation/simulated-fleet.ts';

const edited: Fleet = { ...smallShop, policy: { ...smallShop.policy, stopAfterHosts: 2 } };

async function editedWhileOneIsOut(): Promise<SimulatedFleet> {
  const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
  await fleet.startRollout();
  await fleet.until('web-1 is out', () => fleet.rules.slots.length > 0);
  fleet.fleetFile = edited;
  await fleet.until('the rollout is paused', () => fleet.rollout.state === 'paused');
  return fleet;
}

function pauses(fleet: SimulatedFleet): number {
  return fleet.rules.journal.filter((event) => event.kind === 'paused').length;
}

describe('a fleet file that is edited during a rollout', () => {
  it('pauses it and says what differs; hosts that are out finish', async () => {
    const fleet = await editedWhileOneIsOut();

    await fleet.until('web-1 is done', () => fleet.stateOf('web-1') === 'done');

    const { reason } = fleet.rollout;
    assert.deepEqual(reason?.code === 'fleet-changed' ? reason.detail : reason, 'policy');
    assert.equal(fleet.rules.slots.length, 0);
  });

  it('is asked about once: a person resumes, and the rollout goes on by the rules of its plan', async () => {
    const fleet = await editedWhileOneIsOut();

    fleet.submit({ kind: 'resumed', by: 'ada' });
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.equal(pauses(fleet), 1);
  });

  it('that a person has accepted is remembered by a successor', async () => {
    const fleet = await editedWhileOneIsOut();
    fleet.submit({ kind: 'resumed', by: 'ada' });
    await fleet.pass(1000);

    fleet.process.kill();
    await fleet.startController();
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.equal(pauses(fleet), 1);
  });

  it('is asked about again when it is edited once more', async () => {
    const fleet = await editedWhileOneIsOut();
    fleet.submit({ kind: 'resumed', by: 'ada' });
    await fleet.pass(1000);

    fleet.fleetFile = { ...edited, policy: { ...edited.policy, onFailure: 'undo' } };

    await fleet.until('it is paused again', () => pauses(fleet) === 2);
  });

  it('stops nothing when it is as before again', async () => {
    const fleet = await editedWhileOneIsOut();
    fleet.fleetFile = smallShop;
    await fleet.pass(5000);

    fleet.submit({ kind: 'resumed', by: 'ada' });
    await fleet.untilEnded();

    assert.equal(pauses(fleet), 1);
  });
});
