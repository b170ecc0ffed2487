import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutEvent, RolloutFact, StepEvidence } from '../../../controller/core/event.ts';
import { makeReport } from '../../../controller/core/make-report.ts';
import type { Report } from '../../../controller/core/report.ts';
import { failed, Journey, planForOne, succeeded } from '../../support/journey.ts';
import { evidence, healthy, noon, upgrade, oneStage } from '../../support/world-of.ts';

function eventsOf(journey: Journey): readonly RolloutEvent[] {
  const begun: readonly RolloutEvent[] = [
    { at: noon, kind: 'created', plan: journey.rollout.plan, by: 'ada' },
    { at: noon, kind: 'started', by: 'ada' },
  ];
  return [...begun, ...journey.events];
}

function reportOf(journey: Journey): Report {
  const report = makeReport('r1', eventsOf(journey), journey.now);
  assert.ok(report !== null);
  return report;
}

/** Finishes the step in hand `tookMs` after its intent, with this evidence. */
function take(
  journey: Journey,
  step: 'drain' | 'apply' | 'reboot' | 'verify' | 'undrain',
  tookMs: number,
  seen: Partial<StepEvidence> = {},
): void {
  journey.continueTo(step);
  journey.now += tookMs;
  for (const intent of journey.open(step))
    journey.finish(intent, { kind: 'succeeded', evidence: { ...evidence, ...seen } });
}

function goodRun(): Journey {
  const journey = new Journey(
    planForOne({
      change: { ...upgrade, where: { kind: 'ids', ids: ['web-1'] }, stages: oneStage },
    }),
  );
  take(journey, 'drain', 700, { spentMs: { drain: 700 } });
  take(journey, 'apply', 3000, {
    spentMs: { packages: 2900 },
    bootId: 'boot-1',
    versions: { zdemo: '1.1.0' },
    remarks: ['zdemo.conf.dpkg-dist'],
  });
  take(journey, 'reboot', 6000, { spentMs: { reboot: 6000 }, bootId: 'boot-2', versions: { zdemo: '1.1.0' } });
  take(journey, 'verify', 2000, { spentMs: { checks: 2000 }, bootId: 'boot-2', versions: { zdemo: '1.1.0' } });
  take(journey, 'undrain', 500, { spentMs: { healthy: 400 } });
  journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
  return journey;
}

/** A rollout of one host with firmware, up to the end. */
function runWithFirmware(): Journey {
  const bios = { device: 'b'.repeat(40), name: 'System Firmware', from: '7', version: '8', sha256: null };
  const plan = planForOne();
  const hosts = plan.hosts.map((host) => ({ ...host, firmware: [{ ...bios, needsReboot: true }] }));
  const journey = new Journey({ ...plan, hosts });
  journey.continueTo('verify');
  return journey;
}

describe('a report', () => {
  it('tells of firmware where its host is done, since that has been proven, and nowhere else', () => {
    const journey = runWithFirmware();
    const [before] = reportOf(journey).hosts;

    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    const [after] = reportOf(journey).hosts;
    const name = 'firmware of System Firmware';
    assert.deepEqual([after?.versionsBefore[name], after?.versionsAfter[name]], ['7', '8']);
    assert.equal(name in (before?.versionsAfter ?? {}), false);
  });

  it('is nothing for a journal that does not exist', () => {
    assert.equal(makeReport('r1', [], noon), null);
  });

  it('splits the time out of service by who took it, and the rest is ours', () => {
    const [host] = reportOf(goodRun()).hosts;

    assert.ok(host !== undefined);
    const { drain, apply, reboot, checks, ours } = host.outSplitMs;
    assert.deepEqual({ drain, apply, reboot, checks }, { drain: 700, apply: 2900, reboot: 6000, checks: 2400 });
    assert.equal(ours, host.outMs - 12_000);
  });

  it('says what the host ran and which boot it was on, before and after', () => {
    const [host] = reportOf(goodRun()).hosts;

    assert.deepEqual([host?.versionsBefore, host?.versionsAfter], [{ zdemo: '1.0.0' }, { zdemo: '1.1.0' }]);
    assert.deepEqual([host?.bootIdBefore, host?.bootIdAfter], ['boot-1', 'boot-2']);
    assert.deepEqual(host?.remarks, ['zdemo.conf.dpkg-dist']);
  });

  it('lists the steps in their order, each from its begin to its end', () => {
    const [host] = reportOf(goodRun()).hosts;

    assert.deepEqual(
      host?.steps.map((each) => each.step),
      ['preflight', 'fetch', 'drain', 'apply', 'reboot', 'verify', 'undrain', 'settle'],
    );
    for (const each of host.steps) assert.ok(each.endedAt !== null && each.endedAt >= each.startedAt, each.step);
  });

  it('counts the time that nobody probed while a host was out', () => {
    const journey = goodRun();
    const slotMs = reportOf(journey).hosts.reduce((sum, each) => sum + each.slotMs, 0);

    assert.ok(slotMs > 12_000);
    assert.equal(reportOf(journey).unobservedMs, slotMs);
  });

  it('counts all of it as seen where the prober was at work', () => {
    const journey = new Journey();
    const probed = (): RolloutFact => ({
      kind: 'probed',
      service: 'web',
      from: journey.now - 1000,
      to: journey.now,
      sent: 20,
      failed: 0,
      sentWhileOut: 20,
    });
    journey.continueUntil('the end', () => {
      if (journey.rollout.endedAt === null) journey.record(probed());
      return journey.rollout.endedAt !== null;
    });

    const report = reportOf(journey);

    assert.ok((report.hosts[0]?.slotMs ?? 0) > 0);
    assert.equal(report.unobservedMs, 0);
    assert.equal(report.probes.get('web')?.failed, 0);
  });

  it('says why a host was held, in which step, and what is still to be put back', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.finishAll('apply', failed('package-manager-failed'));
    journey.decide();

    const report = reportOf(journey);

    assert.equal(report.state, 'stopped');
    assert.equal(report.hosts[0]?.state, 'held');
    assert.equal(report.hosts[0].reason?.code, 'step-failed');
    assert.equal(report.hosts[0].steps.at(-1)?.step, 'apply');
    assert.equal(report.obligationsOpen, 2);
  });

  it('counts the slots of a host that was given back and taken again', () => {
    const journey = new Journey();
    journey.continueUntil('it is ready', () => journey.host().state.kind === 'ready');
    journey.record({ kind: 'slotTaken', host: 'web-1' });
    journey.now += 500;
    journey.record({ kind: 'slotReleased', host: 'web-1', reason: null });
    journey.now += 10_000;
    journey.continueTo('drain');
    journey.now += 250;

    const taken = journey.host().slotTakenAt ?? 0;

    assert.equal(reportOf(journey).hosts[0]?.slotMs, 500 + journey.now - taken);
  });

  it('counts no time out of service while a host that was given back waited for its next slot', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    const sick = { beats: [{ at: journey.now, bootId: 'boot-of-web-3', passed: false, detail: 'status 500' }] };
    for (const id of ['web-3', 'web-5']) journey.hosts[id] = healthy(id, journey.now, sick);
    journey.finishAll('apply', succeeded);
    journey.continueUntil('it is back', () => journey.slots.length === 0);
    journey.now += 600_000;
    journey.hosts = {};
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    const [host] = reportOf(journey).hosts;

    assert.ok(host !== undefined && host.outMs > 0);
    assert.ok(host.outMs <= host.slotMs && host.slotMs < 600_000, `${host.outMs} of ${host.slotMs}`);
  });

  it('counts a member that was out as one that did not vote, though no reading met that moment', () => {
    const journey = new Journey();
    journey.record({ kind: 'quorumRead', service: 'web', voters: 3, marginMin: 1, readings: 4 });
    assert.deepEqual(reportOf(journey).quorums, [{ service: 'web', voters: 3, marginMin: 1, readings: 4 }]);

    journey.continueUntil('it is ready', () => journey.host().state.kind === 'ready');
    journey.record({ kind: 'slotTaken', host: 'web-1' });
    journey.now += 500;

    assert.deepEqual(reportOf(journey).quorums, [{ service: 'web', voters: 3, marginMin: 0, readings: 4 }]);
  });

  it('counts the controllers that took over', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.record({ kind: 'takenOver', epoch: 2 }, { kind: 'takenOver', epoch: 3 });
    for (const intent of journey.open('apply')) journey.finish(intent, succeeded);

    assert.equal(reportOf(journey).controllerTakeovers, 2);
  });
});
