import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fleetMetrics } from '../../../../controller/api/metrics/fleet-metrics.ts';
import type { FleetMetrics } from '../../../../controller/api/metrics/fleet-metrics.ts';
import type { Fault } from '../../../support/simulation/faults.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../../support/simulation/simulated-fleet.ts';

/** A fleet in which a rollout has begun, and the metrics of its controller from the event `seenFrom` on. */
async function scene(
  faults: readonly Fault[] = [],
): Promise<{ readonly fleet: SimulatedFleet; readonly metrics: FleetMetrics; readonly seenFrom: number }> {
  const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts, faults });
  await fleet.startRollout();
  const metrics = fleetMetrics({
    ...{ world: () => fleet.process.runner.world(), hosts: () => smallShopHosts, now: () => fleet.clock.now() },
    ...{ timing: fleet.timing, epoch: 7, version: '0.1.0' },
  });
  fleet.process.witness = metrics.witness;
  return { fleet, metrics, seenFrom: fleet.rules.journal.length };
}

/** The value of each sample whose name begins so. */
async function samples(metrics: FleetMetrics, begins: string): Promise<Readonly<Record<string, number>>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(begins));
  return Object.fromEntries(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.split(' ').at(-1))]));
}

describe('the metrics of a rollout', () => {
  it('tell in its middle where its hosts are and what they wait for', async () => {
    const { fleet, metrics } = await scene();
    await fleet.until('web-1 is out', () => fleet.rules.slots.length === 1);

    assert.deepEqual(await samples(metrics, 'zdms_slots_taken'), { zdms_slots_taken: 1 });
    const hosts = await samples(metrics, 'zdms_hosts{');
    assert.equal(hosts['zdms_hosts{state="out"}'], 1);
    assert.equal(hosts['zdms_hosts{state="held"}'], 0);
    assert.equal((await samples(metrics, 'zdms_rollouts{'))['zdms_rollouts{state="running"}'], 1);
    const waits = await samples(metrics, 'zdms_waits{');
    assert.ok(Object.keys(waits).length > 0);
    const atWork = [...fleet.rollout.hosts.values()].filter(({ state }) => state.kind !== 'done');
    assert.ok(Object.values(waits).reduce((sum, count) => sum + count, 0) <= atWork.length);
  });

  it('have counted at its end what has happened', async () => {
    const { fleet, metrics, seenFrom } = await scene();
    await fleet.untilEnded();
    const { journal } = fleet.rules;

    assert.deepEqual(await samples(metrics, 'zdms_journal_events_total'), {
      zdms_journal_events_total: journal.length - seenFrom,
    });
    assert.deepEqual(await samples(metrics, 'zdms_rollouts_ended_total'), {
      'zdms_rollouts_ended_total{result="done"}': 1,
    });
    const reboots = journal.filter((event) => event.kind === 'stepDone' && event.step === 'reboot').length;
    assert.ok(reboots > 0);
    assert.equal((await samples(metrics, 'zdms_steps_done_total'))['zdms_steps_done_total{step="reboot"}'], reboots);
    const duration = await samples(metrics, 'zdms_step_duration_seconds');
    assert.equal(duration['zdms_step_duration_seconds_count{step="reboot"}'], reboots);
    const spentMs = fleet.rollout.hosts.size * 600_000;
    const seconds = duration['zdms_step_duration_seconds_sum{step="reboot"}'] ?? 0;
    assert.ok(seconds > 0.1 && seconds < spentMs / 1000);
    const sent = journal.reduce((sum, event) => sum + (event.kind === 'probed' ? event.sent : 0), 0);
    assert.equal(
      (await samples(metrics, 'zdms_probe_requests_total'))['zdms_probe_requests_total{service="web"}'],
      sent,
    );
    assert.deepEqual(await samples(metrics, 'zdms_waits{'), {});
    assert.ok(
      ((await samples(metrics, 'zdms_tick_duration_seconds_count')).zdms_tick_duration_seconds_count ?? 0) > 10,
    );
  });

  it('count a step that fails', async () => {
    const { fleet, metrics } = await scene([
      { kind: 'step-fails', host: 'web-1', verb: 'preflight', code: 'disk-full', times: 1 },
    ]);

    await fleet.until('the rollout is stopped', () => fleet.rollout.state === 'stopped');

    assert.equal((await samples(metrics, 'zdms_steps_failed_total'))['zdms_steps_failed_total{step="preflight"}'], 1);
  });

  it('tell of a halt, of silent agents and of the controller itself', async () => {
    const { fleet, metrics } = await scene();
    assert.deepEqual(await samples(metrics, 'zdms_halted'), { zdms_halted: 0 });
    await Promise.all([fleet.process.operations.halt('ada', 'storm'), fleet.pass(1000)]);

    assert.deepEqual(await samples(metrics, 'zdms_halted'), { zdms_halted: 1 });
    assert.deepEqual(await samples(metrics, 'zdms_agents{'), {
      'zdms_agents{state="connected"}': smallShopHosts.length,
      'zdms_agents{state="silent"}': 0,
    });
    assert.deepEqual(await samples(metrics, 'zdms_leader_epoch'), { zdms_leader_epoch: 7 });
    assert.deepEqual(await samples(metrics, 'zdms_build_info'), { 'zdms_build_info{version="0.1.0"}': 1 });
  });

  it('name neither hosts nor rollouts', async () => {
    const { fleet, metrics } = await scene();
    await fleet.untilEnded();

    const text = await metrics.text();

    for (const { id } of smallShopHosts) assert.ok(!text.includes(`"${id}"`), id);
    assert.ok(!text.includes(`"${fleet.id}"`));
  });
});
