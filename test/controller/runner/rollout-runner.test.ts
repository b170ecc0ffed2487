import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';
import { noLimits } from '../../support/world-of.ts';

async function started(): Promise<SimulatedFleet> {
  const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
  await fleet.startRollout();
  return fleet;
}

describe('the runner', () => {
  it('asks safety once more inside the transaction that takes the slot', async () => {
    const fleet = await started();
    fleet.onCommitting = ({ events }) => {
      if (!events.some((event) => event.kind === 'slotTaken')) return;
      fleet.process.board.onBeat('web-3', {
        receivedAt: fleet.clock.now(),
        bootId: fleet.host('web-3').bootId,
        checks: [],
        report: null,
      });
    };

    await fleet.pass(60_000);

    assert.equal(
      fleet.rules.journal.some((event) => event.kind === 'slotTaken'),
      false,
    );
  });

  it('starts a rollout in the write that creates it, so that no crash can leave one that nobody can end', async () => {
    const fleet = await started();

    assert.deepEqual(
      fleet.rules.journal.slice(0, 2).map((event) => event.kind),
      ['created', 'started'],
    );
    assert.equal(fleet.rollout.state, 'running');
  });

  it('refuses what cannot follow, tells whoever asked, and goes on', async () => {
    const fleet = await started();

    const refusal = await Promise.all([
      fleet.process.runner.submit(fleet.id, [{ kind: 'resumed', by: 'ada' }]).then(
        () => null,
        (error: unknown) => error,
      ),
      fleet.pass(1000),
    ]);

    assert.ok(refusal[0] instanceof Error);
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('acknowledges a halt that comes at the very moment in which a rollout ends', async () => {
    const fleet = await started();
    const halt = { since: fleet.clock.now(), by: 'ada', text: 'storm' };
    const halted: string[] = [];
    fleet.onCommitting = ({ events }) => {
      if (!events.some((event) => event.kind === 'ended')) return;
      fleet.process.runner.setHalt(halt, 'ada').then(
        () => halted.push('acknowledged'),
        (error: unknown) => halted.push(String(error)),
      );
    };

    await fleet.untilEnded();
    await fleet.pass(1000);

    assert.deepEqual(halted, ['acknowledged']);
    assert.deepEqual(await fleet.store.halt(), halt);
  });

  it('writes down each take-over with its epoch', async () => {
    const fleet = await started();
    fleet.process.kill();

    const successor = await fleet.startController();
    await fleet.untilEnded();

    assert.deepEqual(
      fleet.rules.journal.flatMap((event) => (event.kind === 'takenOver' ? [event.epoch] : [])),
      [successor.epoch],
    );
  });

  it('lets the hosts that hold a slot beat fast, and no others', async () => {
    const fleet = await started();

    await fleet.until('web-1 is out', () => fleet.rules.slots.length === 1);
    await fleet.pass(500);

    assert.equal(fleet.process.board.settingsFor('web-1').beatEveryMs, fleet.timing.beatWhileOutMs);
    assert.equal(fleet.process.board.settingsFor('web-3').beatEveryMs, fleet.timing.beatMs);
  });

  it('stops itself when a host tells it of a later controller, though it has nothing to write', async () => {
    const fleet = await started();
    const old = fleet.process;
    await fleet.until('web-1 is out', () => fleet.rules.slots.length === 1);
    old.board.onSettingsChanged(() => undefined);

    await fleet.startController();
    await fleet.pass(10_000);

    assert.equal(old.stoppedBy?.name, 'StaleEpochError');
  });

  it('stops itself when a balancer that it only reads tells it of a later controller', async () => {
    const unprobed = { ...smallShop, services: smallShop.services.map((service) => ({ ...service, probe: null })) };
    const fleet = new SimulatedFleet({ fleet: unprobed, hosts: smallShopHosts });
    fleet.limits = { kind: 'limits', limits: { ...noLimits, maxOut: { hosts: 0, percent: null } } };
    await fleet.startRollout();
    const old = fleet.process;
    await fleet.until('web-1 waits for a slot', () => fleet.stateOf('web-1') === 'ready');

    await fleet.startController();
    await fleet.pass(10_000);

    assert.equal(old.stoppedBy?.name, 'StaleEpochError');
  });

  it('tries again when the store could not be written, for a full disk is no bug', async () => {
    const fleet = await started();
    const fullUntil = fleet.clock.now() + 60_000;
    fleet.onCommitting = () => {
      if (fleet.clock.now() < fullUntil) throw new Error('database or disk is full');
    };

    await fleet.pass(30_000);
    assert.equal(fleet.process.errors.filter((error) => error.includes('disk is full')).length, 1);

    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('begins nothing more of a rollout that broke an invariant, and leaves what is on disk as it is', async () => {
    const fleet = await started();
    const commit = fleet.store.commit.bind(fleet.store);
    fleet.store.commit = async (request) => {
      const result = await commit(request);
      return result.kind === 'committed' ? { ...result, slots: [] } : result;
    };

    await fleet.pass(60_000);

    assert.deepEqual(fleet.rules.effects, []);
    assert.equal(fleet.process.errors.length, 1);
    assert.match(fleet.process.errors[0] ?? '', /web-1 and the store disagree about its slot/);
    assert.equal((await fleet.store.verifyJournal(fleet.id)).firstBroken, null);
  });

  it('forgets what the prober saw when no rollout is left that could ask about it', async () => {
    const fleet = await started();
    await fleet.untilEnded();
    fleet.process.board.recordProbeFailure({ service: 'web', at: fleet.clock.now(), server: 'web-1', detail: 'late' });

    await fleet.pass(1000);

    assert.deepEqual(fleet.process.runner.world().probeFailures, []);
  });
});
