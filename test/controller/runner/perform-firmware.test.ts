import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FirmwareAction, Outcome } from '../../../controller/core/event.ts';
import { type Bmc, BmcError, type FirmwareItem, type FirmwareTask } from '../../../controller/ports/bmc.ts';
import type { Executors } from '../../../controller/runner/executors.ts';
import { perform } from '../../../controller/runner/perform.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { WrappingSigner } from '../../support/simulation/wrapping-signer.ts';
import { noon, planOf, rolloutOf, shopHosts, timing } from '../../support/world-of.ts';

const deadlineAt = noon + 60_000;
const bios = { device: 'BIOS', from: '1', version: '2', image: 'http://firmware.example/bios-2' };
const begin: FirmwareAction = { kind: 'beginFirmware', ...bios };
const wait: FirmwareAction = { kind: 'awaitFirmware', device: 'BIOS', version: '2', task: '/tasks/1' };
const check: FirmwareAction = { kind: 'checkFirmware', firmware: [bios] };
const prove: FirmwareAction = { kind: 'proveFirmware', firmware: [bios] };
const running: FirmwareTask = { state: 'running', percent: 40, message: 'Writing' };

interface Machine {
  /** What it tells, one reading after the other, the last for ever. */
  readonly versions?: readonly (string | BmcError)[];
  readonly tasks?: readonly (FirmwareTask | BmcError)[];
  readonly begins?: BmcError;
  readonly bmc?: 'none' | 'ipmi';
  readonly fresh?: boolean;
  readonly isHalted?: boolean;
}

interface Scene {
  readonly outcome: Outcome;
  readonly begun: readonly string[];
  readonly endedAt: number;
}

async function done(action: FirmwareAction, machine: Machine = {}): Promise<Scene> {
  const clock = new VirtualClock(noon);
  const begun: string[] = [];
  const nextVersion = oneAfterTheOther(machine.versions ?? ['1']);
  const nextTask = oneAfterTheOther(machine.tasks ?? [running]);
  const bmc: Bmc = {
    readPower: async () => 'on',
    powerCycle: async () => assert.fail('nobody asked for that'),
    firmware: {
      async readInventory(): Promise<readonly FirmwareItem[]> {
        const version = given(nextVersion());
        return [{ id: 'BIOS', name: 'System BIOS', version, updateable: true }];
      },
      async startUpdate(imageUrl, targets) {
        begun.push(`${targets.join()} from ${imageUrl}`);
        if (machine.begins !== undefined) throw machine.begins;
        return '/tasks/1';
      },
      readTask: async () => given(nextTask()),
    },
  };
  const known = machine.bmc === 'ipmi' ? { ...bmc, firmware: null } : bmc;
  const ports: Executors = {
    shell: { send: () => assert.fail('no executor has a part in it'), drop: () => undefined, close: async () => {} },
    ...{ signer: new WrappingSigner(), clock, timing, epoch: 1 },
    hostOf: (id) => shopHosts.find((host) => host.id === id),
    onPool: () => undefined,
    onQuorum: () => undefined,
    isHalted: () => machine.isHalted === true,
    onSuperseded: () => undefined,
    bmcOf: () => (machine.bmc === 'none' ? null : known),
  };
  const intent = {
    ...{ host: 'web-1', step: 'updateFirmware' as const, token: 'r1.web-1.updatefirmware.5', attempt: 1, action },
    ...{ purpose: 'step' as const, deadlineAt },
  };
  let outcome: Outcome | null = null;
  const ended = perform(intent, rolloutOf(planOf()), machine.fresh ?? true, ports).then((performed) => {
    outcome = performed.outcome;
    return performed.outcome;
  });
  await clock.runUntil(() => outcome !== null, deadlineAt + 2 * timing.firmwareDeadlineMs);
  return { outcome: await ended, begun, endedAt: clock.now() };
}

function oneAfterTheOther<T>(values: readonly T[]): () => T {
  let asked = 0;
  return () => {
    const value = values[Math.min(asked, values.length - 1)];
    asked += 1;
    assert.ok(value !== undefined);
    return value;
  };
}

function given<T>(value: T | BmcError): T {
  if (value instanceof BmcError) throw value;
  return value;
}

/** What it came to, and why. */
function inWords({ outcome }: Scene): string {
  switch (outcome.kind) {
    case 'succeeded':
      return `succeeded ${outcome.evidence.task ?? '-'}`;
    case 'failed':
      return `${outcome.failure.code}: ${outcome.failure.message}`;
    case 'unreachable':
    case 'unknown':
      return `${outcome.kind}: ${outcome.detail}`;
  }
}

const unreachable = new BmcError('unreachable', 'no route');
const lost = new BmcError('unknown', 'cut off');
const forgotten = new BmcError('refused', 'there is no such task');

describe('firmware by a management controller, before the host costs anything', () => {
  it('is as it was planned, or is there already', async () => {
    for (const version of ['1', '2']) assert.equal(inWords(await done(check, { versions: [version] })), 'succeeded -');
    assert.match(inWords(await done(check, { versions: ['3'] })), /^firmware-changed: BIOS has 3, .* for 1$/);
  });

  it('is not known where the controller is silent, or is none for that', async () => {
    assert.equal(inWords(await done(check, { versions: [unreachable] })), 'unreachable: no route');
    for (const bmc of ['none', 'ipmi'] as const) assert.match(inWords(await done(check, { bmc })), /^no-bmc: /);
  });
});

describe('firmware that a management controller is told to write', () => {
  it('is begun once, with its task', async () => {
    const scene = await done(begin);
    assert.equal(inWords(scene), 'succeeded /tasks/1');
    assert.deepEqual(scene.begun, ['BIOS from http://firmware.example/bios-2']);
  });

  it('is not begun where it is there already, in a halt, or by a controller that finds the order open', async () => {
    const scenes = [
      await done(begin, { versions: ['2'] }),
      await done(begin, { isHalted: true }),
      await done(begin, { fresh: false }),
      await done(begin, { fresh: false, versions: ['2'] }),
      await done(begin, { fresh: false, versions: [unreachable] }),
    ];
    assert.deepEqual(scenes.map(inWords), [
      'succeeded -',
      'unreachable: halted before it was sent',
      'unknown: firmware of BIOS may have been begun',
      'succeeded -',
      'unknown: firmware of BIOS may have been begun',
    ]);
    assert.ok(scenes.every(({ begun }) => begun.length === 0));
  });

  it('ends as the controller says: refused, not heard, or nobody knows', async () => {
    const ends = [forgotten, unreachable, lost].map(async (begins) => inWords(await done(begin, { begins })));
    assert.deepEqual(await Promise.all(ends), [
      'bmc-refused: there is no such task',
      'unreachable: no route',
      'unknown: cut off',
    ]);
  });
});

describe('firmware that is being written', () => {
  it('is waited for through silence, until its task has ended', async () => {
    const ends: FirmwareTask = { state: 'succeeded', percent: 100, message: '' };
    const { outcome } = await done(wait, { tasks: [running, unreachable, running, ends] });
    assert.deepEqual(outcome.kind === 'succeeded' && outcome.evidence.spentMs, { firmware: 6000 });
    const failed: FirmwareTask = { state: 'failed', percent: null, message: 'not for this machine' };
    assert.equal(inWords(await done(wait, { tasks: [running, failed] })), 'firmware-failed: not for this machine');
  });

  it('is known by the inventory where the controller has forgotten its task', async () => {
    assert.equal(inWords(await done(wait, { tasks: [forgotten], versions: ['1', unreachable, '2'] })), 'succeeded -');
  });

  it('ends as unknown where the task hangs, at the deadline', async () => {
    const scene = await done(wait);
    assert.equal(inWords(scene), 'unknown: still at work: 40 % (Writing)');
    assert.ok(scene.endedAt >= deadlineAt);
  });
});

describe('firmware that was written', () => {
  it('is proven by the inventory, which may be late', async () => {
    assert.equal(inWords(await done(prove, { versions: ['1', unreachable, '2'] })), 'succeeded -');
  });

  it('is wrong where that tells another version until the deadline, and unproven where it tells nothing', async () => {
    assert.equal(inWords(await done(prove)), 'firmware-wrong-version: BIOS has 1, not 2');
    assert.equal(inWords(await done(prove, { versions: [unreachable] })), 'firmware-unproven: no route');
    assert.equal(inWords(await done(prove, { bmc: 'none' })).split(':')[0], 'no-bmc');
  });
});
