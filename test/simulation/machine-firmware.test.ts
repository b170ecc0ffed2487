import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../controller/core/change.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../support/simulation/simulated-fleet.ts';
import { oneStage, upgrade } from '../support/world-of.ts';

const image = 'http://firmware.example/2.0.0';
const change: Change = {
  ...{ ...upgrade, stages: oneStage, where: { kind: 'ids', ids: ['web-1'] }, reboot: 'ifNeeded' },
  firmware: [{ device: 'BIOS', version: '2.0.0', image }],
};
/** Commits of such a rollout; fewer would mean that it was not tried at each. */
const commitsMin = 15;
const successorAfterMs = 400;

function firmwareFleet(policy: 'hold' | 'undo' = 'undo'): SimulatedFleet {
  return new SimulatedFleet({
    fleet: { ...smallShop, policy: { ...smallShop.policy, onFailure: policy, noReturn: 'powerCycle' } },
    ...{ hosts: smallShopHosts, change },
  });
}

async function untilOver(fleet: SimulatedFleet): Promise<void> {
  await fleet.startRollout();
  await fleet.until('web-1 is done or held', () => ['done', 'held'].includes(fleet.stateOf('web-1')));
}

/** The code of what holds it, or what it is. */
function endOf(fleet: SimulatedFleet): string {
  const { state } = fleet.rollout.hosts.get('web-1') ?? assert.fail('web-1 is not in it');
  if (state.kind !== 'held') return state.kind;
  const { reason } = state;
  return reason.code === 'step-failed' ? `held: ${reason.step} ${reason.failure.code}` : `held: ${reason.code}`;
}

/** Null: there were fewer commits, so nobody was killed. */
type Kill = 'as it began' | 'at another time' | null;

/** A rollout whose controller is killed after so many commits, with what has to come of it. */
async function killedAfter(commits: number): Promise<Kill> {
  const fleet = firmwareFleet();
  const seen: Kill[] = [];
  fleet.onCommitted = (batch) => {
    if (batch !== commits) return;
    const open = [...fleet.rollout.openIntents.values()];
    seen.push(open.some(({ action }) => action.kind === 'beginFirmware') ? 'as it began' : 'at another time');
    fleet.process.kill();
    fleet.clock.at(fleet.clock.now() + successorAfterMs, () => void fleet.startController());
  };
  await untilOver(fleet);
  const [kill = null] = seen;
  const { chassis, boots } = fleet.host('web-1');
  assert.ok(chassis.writes <= 1, `written ${chassis.writes} times, killed after commit ${commits}`);
  assert.equal(endOf(fleet), kill === 'as it began' ? 'held: step-unknown' : 'done', `killed after commit ${commits}`);
  if (kill !== 'as it began') assert.deepEqual([chassis.version, boots], ['2.0.0', 1], `killed after ${commits}`);
  assert.deepEqual(fleet.rules.broken, []);
  return kill;
}

describe('firmware that the management controller writes', function () {
  this.timeout(120_000);

  it('comes with packages in one drain and one boot, is written once, and is proven', async () => {
    const fleet = firmwareFleet();
    await untilOver(fleet);
    await fleet.untilEnded();

    const { chassis, boots, versions } = fleet.host('web-1');
    assert.deepEqual([chassis.version, chassis.writes, boots, versions], ['2.0.0', 1, 1, { zdemo: '1.1.0' }]);
    assert.equal(fleet.rollout.state, 'done');
    assert.deepEqual(fleet.rules.broken, []);
  });

  for (const [fault, end] of [
    ['fails', 'held: updateFirmware firmware-failed'],
    ['other-version', 'held: verify firmware-wrong-version'],
    ['reply-lost', 'held: step-unknown'],
  ] as const)
    it(`has its host held, and is written once, where it ends so: ${fault}`, async () => {
      const fleet = firmwareFleet();
      fleet.host('web-1').chassis.fault = fault;
      await untilOver(fleet);

      assert.equal(endOf(fleet), end);
      fleet.retry('web-1');
      await fleet.pass(120_000);
      assert.equal(fleet.host('web-1').chassis.writes, 1);
      assert.deepEqual(fleet.rules.broken, []);
    });

  it('is written at most once whenever the controller is killed, and its host is done unless that was as it began', async () => {
    const kills: Kill[] = [];
    for (let at = 1; kills.at(-1) !== null; at += 1) kills.push(await killedAfter(at));

    assert.ok(kills.length > commitsMin, `only ${kills.length} commits`);
    assert.ok(kills.includes('as it began'));
  });
});
