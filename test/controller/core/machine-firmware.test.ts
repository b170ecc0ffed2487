import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Intent, Outcome } from '../../../controller/core/event.ts';
import { retryFacts } from '../../../controller/core/person.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { failed, Journey, planForOne, succeeded, unknown, unreachable } from '../../support/journey.ts';
import { evidence, healthy } from '../../support/world-of.ts';

const devices = ['BIOS', 'NIC'] as const;

/** A plan whose one host gets two pieces of firmware by its management controller. */
function plan(overrides: Parameters<typeof planForOne>[0] = {}): Plan {
  const whole = planForOne(overrides);
  const firmware = devices.map((device) => ({
    ...{ device, name: device, from: '1', version: '2', sha256: null, needsReboot: true },
    image: `http://firmware.example/${device}`,
  }));
  const hosts = whole.hosts.map((host) => ({
    ...{ ...host, firmware },
    steps: host.steps.flatMap((step) => (step === 'apply' ? [step, 'updateFirmware' as const] : [step])),
  }));
  return { ...whole, hosts };
}

function journeyToUpdate(overrides: Parameters<typeof planForOne>[0] = {}): Journey {
  const journey = new Journey(plan(overrides));
  journey.continueTo('updateFirmware');
  return journey;
}

function begun(task: string | null): Outcome {
  return { kind: 'succeeded', evidence: { ...evidence, bootId: null, task } };
}

/** What the step has open, in words. */
function openNow(journey: Journey, step: Intent['step'] = 'updateFirmware'): readonly string[] {
  return journey.open(step).map(({ action }) => {
    if (action.kind === 'awaitFirmware') return `${action.kind} ${action.device} ${action.task}`;
    return action.kind === 'beginFirmware' ? `${action.kind} ${action.device}` : action.kind;
  });
}

function nowAt(journey: Journey): string {
  const { state, steps } = journey.host();
  return `${state.kind}: ${steps.join(' ')}`;
}

const heldAtUpdate = 'held: updateFirmware reboot verify undrain settle';

describe('firmware that a management controller writes', () => {
  it('is looked at before the host costs anything, and a host whose firmware has changed is skipped', () => {
    const journey = new Journey(plan());
    journey.continueTo('preflight');
    journey.finishAll('preflight', succeeded);
    assert.deepEqual(openNow(journey, 'preflight'), ['checkFirmware']);

    journey.finishAll('preflight', failed('firmware-changed'));
    assert.equal(journey.host().state.kind, 'skipped');
  });

  it('is begun and waited for, one piece after the other, before the one reboot', () => {
    const journey = journeyToUpdate();
    const seen = [openNow(journey)];
    for (const outcome of [begun('task 1'), begun(null), begun('task 2')]) {
      journey.finishAll('updateFirmware', outcome);
      seen.push(openNow(journey));
    }
    journey.finishAll('updateFirmware', begun(null));

    assert.deepEqual(seen, [
      ['beginFirmware BIOS'],
      ['awaitFirmware BIOS task 1'],
      ['beginFirmware NIC'],
      ['awaitFirmware NIC task 2'],
    ]);
    assert.equal(journey.continueTo('reboot').length, 1);
  });

  it('is not waited for where there was nothing to write', () => {
    const journey = journeyToUpdate();
    journey.finishAll('updateFirmware', begun(null));
    assert.deepEqual(openNow(journey), ['beginFirmware NIC']);
  });

  it('is proven after the boot, and a host that tells another version is held, whatever the policy', () => {
    const journey = journeyToUpdate({ fleet: undoing() });
    for (const task of ['1', null, '2', null]) journey.finishAll('updateFirmware', begun(task));
    journey.continueTo('verify');
    assert.deepEqual(openNow(journey, 'verify'), ['verify', 'proveFirmware']);

    for (const intent of journey.open('verify'))
      journey.finish(intent, intent.action.kind === 'proveFirmware' ? failed('firmware-wrong-version') : succeeded);
    journey.decide();
    assert.equal(nowAt(journey), 'held: verify undrain settle');
  });

  it('is not asked for of a host that goes back to its users before that boot', () => {
    const journey = journeyToUpdate();
    for (const task of ['1', null, '2']) journey.finishAll('updateFirmware', begun(task));
    for (const host of ['web-3', 'web-5'])
      journey.hosts[host] = healthy(host, journey.now, {
        beats: [{ at: journey.now, bootId: `boot-of-${host}`, passed: false, detail: '' }],
      });
    journey.finishAll('updateFirmware', begun(null));
    journey.decide();
    assert.equal(journey.last('rerouted')?.reason.code, 'safety-lost');
    journey.hosts = {};
    journey.continueTo('verify');
    assert.deepEqual(openNow(journey, 'verify'), ['verify']);
  });

  it('has its host rebooted though its packages would not need it', () => {
    const journey = new Journey(plan({ change: { ...plan().change, reboot: 'ifNeeded' } }));
    journey.continueTo('apply');
    journey.finishAll('apply', { kind: 'succeeded', evidence: { ...evidence, rebootNeeded: false } });
    journey.decide();
    assert.equal(nowAt(journey), 'out: updateFirmware reboot verify undrain settle');
  });

  it('is tried again while its controller certainly did not hear of it', () => {
    const journey = journeyToUpdate();
    journey.finishAll('updateFirmware', unreachable);
    assert.equal(journey.why()?.code, 'bmc-unreachable');
    journey.now += 2000;
    journey.decide();
    assert.deepEqual(openNow(journey), ['beginFirmware BIOS']);
  });

  it('is never begun again where it may have been: a person who says again gets the boot and the proof', () => {
    for (const outcomes of [[unknown], [begun('task 1'), failed('firmware-failed')], [begun('task 1'), unknown]]) {
      const journey = journeyToUpdate({ fleet: undoing() });
      for (const outcome of outcomes) journey.finishAll('updateFirmware', outcome);
      assert.equal(nowAt(journey), heldAtUpdate);
      assert.equal(stepsAgain(journey)[0], 'reboot');
    }
  });

  it('is begun by a person who says again where it was refused before', () => {
    const journey = journeyToUpdate();
    journey.finishAll('updateFirmware', failed('bmc-refused'));
    assert.equal(nowAt(journey), heldAtUpdate);
    assert.equal(stepsAgain(journey)[0], 'updateFirmware');
  });

  it('is not begun in a halt, nor after an abort', () => {
    const journey = new Journey(plan());
    journey.continueTo('apply');
    journey.extra = { halt: { by: 'ada', text: '', since: journey.now } };
    journey.finishAll('apply', succeeded);
    journey.decide();
    assert.deepEqual(openNow(journey), []);

    journey.extra = {};
    journey.record({ kind: 'abortRequested', by: 'ada', reason: 'enough' });
    journey.decide();
    assert.equal(nowAt(journey), 'out: verify undrain settle');
    journey.continueTo('verify');
    assert.deepEqual(openNow(journey, 'verify'), ['verify']);
  });
});

function undoing(): Plan['fleet'] {
  const { fleet } = planForOne();
  return { ...fleet, policy: { ...fleet.policy, onFailure: 'undo', noReturn: 'powerCycle' } };
}

function stepsAgain(journey: Journey): readonly string[] {
  const facts = retryFacts(journey.rollout, 'web-1', 'ada', journey.world);
  assert.ok(typeof facts !== 'string' && facts[0]?.kind === 'retried');
  return facts[0].steps;
}
