import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  SimulatedFleet,
  type SimulationOptions,
  smallShop,
  smallShopHosts,
} from '../support/simulation/simulated-fleet.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../support/voting.ts';

/** A rollout takes fewer commits and requests than this; more would mean that it goes round in circles. */
const pointsMax = 400;

const twoWebHosts: SimulationOptions = { fleet: smallShop, hosts: smallShopHosts };
const threeVoters: SimulationOptions = { fleet: fleetOf(etcdOf(3)), hosts: etcdHosts(3), change: upgradeAll };

interface CrashRun {
  readonly fleet: SimulatedFleet;
  readonly crashed: () => boolean;
}

function newRun(restartAfterMs: number, options = twoWebHosts): CrashRun & { crash: () => void } {
  const fleet = new SimulatedFleet(options);
  let hasCrashed = false;
  return {
    fleet,
    crashed: () => hasCrashed,
    crash: () => {
      hasCrashed = true;
      fleet.process.kill();
      fleet.clock.at(fleet.clock.now() + restartAfterMs, () => void fleet.startController());
    },
  };
}

/** Runs a rollout whose controller is killed right after its n-th commit. */
async function killedAfterCommit(point: number, restartAfterMs: number, options = twoWebHosts): Promise<CrashRun> {
  const run = newRun(restartAfterMs, options);
  run.fleet.onCommitted = (batch) => {
    if (batch === point) run.crash();
  };
  await run.fleet.startRollout();
  await run.fleet.untilEnded();
  return run;
}

/** The same under a halt that lasts from the drain of the first host until long after the crash. */
async function killedUnderHalt(point: number): Promise<CrashRun> {
  const run = newRun(400);
  run.fleet.onCommitted = (batch) => {
    if (batch === point) run.crash();
  };
  await run.fleet.startRollout();
  run.fleet.clock.at(run.fleet.clock.now() + 2000, () => run.fleet.process.isAlive && run.fleet.halt());
  await run.fleet.pass(20_000);
  run.fleet.unhalt();
  await run.fleet.untilEnded();
  return run;
}

/** Runs a rollout whose controller is killed when it is about to write its n-th batch. */
async function killedBeforeCommit(point: number): Promise<CrashRun> {
  const run = newRun(400);
  let commits = 0;
  // The first one is the rollout itself: without it there is nothing to take over.
  run.fleet.onCommitting = () => {
    commits += 1;
    if (commits === point + 1) run.crash();
  };
  await run.fleet.startRollout();
  await run.fleet.untilEnded();
  return run;
}

/** Runs a rollout whose controller is killed when its n-th effect has reached a host and nobody knows yet what became of it. */
async function killedAfterDelivery(point: number, restartAfterMs: number): Promise<CrashRun> {
  const run = newRun(restartAfterMs);
  let delivered = 0;
  run.fleet.onDelivered = ({ verb, ...rest }) => {
    if (verb === 'status' || ('action' in rest && rest.action.kind === 'show')) return;
    delivered += 1;
    if (delivered === point) run.crash();
  };
  await run.fleet.startRollout();
  await run.fleet.untilEnded();
  return run;
}

/** Kills at each point in turn until a run has fewer of them; returns how many there were. */
async function everyPoint(runTo: (point: number) => Promise<CrashRun>): Promise<number> {
  for (let point = 1; point < pointsMax; point += 1) {
    const { fleet, crashed } = await runTo(point).catch((error: unknown) => {
      throw new Error(`killed at point ${point}: ${String(error)}`);
    });
    assertDone(fleet, point);
    if (!crashed()) return point - 1;
  }
  throw new Error(`more than ${pointsMax} points`);
}

function assertDone(fleet: SimulatedFleet, point: number): void {
  assert.equal(fleet.rollout.state, 'done', `killed at point ${point}:\n${fleet.standing()}`);
  for (const id of fleet.rollout.hosts.keys()) {
    const host = fleet.host(id);
    assert.equal(host.boots, 1, `${id} booted ${host.boots} times, killed at point ${point}`);
    assert.deepEqual(host.versions, { zdemo: '1.1.0' });
    const applies = fleet.rules.effects.filter((effect) => effect.host === id && effect.kind === 'apply');
    assert.equal(applies.length, 1, `${id} was patched ${applies.length} times, killed at point ${point}`);
  }
}

describe('a controller that is killed', () => {
  it('after any one of its commits loses nothing and does nothing twice', async () => {
    const points = await everyPoint((point) => killedAfterCommit(point, 400));

    assert.ok(points > 30, `only ${points} points were tried`);
  }).timeout(30_000);

  it('before any one of its commits has done nothing that is not written down', async () => {
    const points = await everyPoint(killedBeforeCommit);

    assert.ok(points > 30, `only ${points} points were tried`);
  }).timeout(30_000);

  it('after the delivery of any one effect learns what became of it', async () => {
    const points = await everyPoint((point) => killedAfterDelivery(point, 400));

    assert.ok(points >= 18, `only ${points} points were tried`);
  }).timeout(30_000);

  it('for longer than every deadline finishes what it finds', async () => {
    const points = await everyPoint((point) => killedAfterDelivery(point, 300_000));

    assert.ok(points >= 18);
  }).timeout(30_000);

  it('for longer than every deadline, after any one of its commits, finishes what it finds', async () => {
    await everyPoint((point) => killedAfterCommit(point, 300_000));
  }).timeout(30_000);
});

describe('a controller that is killed while it patches a quorum group', () => {
  it('after any one of its commits never leaves it without a majority or its leader unmoved', async () => {
    const points = await everyPoint((point) => killedAfterCommit(point, 400, threeVoters));

    assert.ok(points > 30, `only ${points} points were tried`);
  }).timeout(30_000);

  it('for longer than every deadline finishes what it finds', async () => {
    await everyPoint((point) => killedAfterCommit(point, 60_000, threeVoters));
  }).timeout(30_000);
});

describe('a controller that is killed while everything is halted', () => {
  it('after any one of its commits has a successor that begins nothing before the end of the halt', async () => {
    const points = await everyPoint(killedUnderHalt);

    assert.ok(points > 30, `only ${points} points were tried`);
  }).timeout(30_000);
});

describe('a controller that was superseded', () => {
  it('stops itself, and hosts let no effect of it happen once they heard its successor', async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startRollout();
    const old = fleet.process;
    await fleet.until('a host is out', () => fleet.rules.slots.length > 0);

    await fleet.startController();
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.equal(old.stoppedBy?.name, 'StaleEpochError');
    assert.equal(fleet.host('web-1').boots, 1);
  });
});
