import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import type { LibvirtAccess } from '../../../../controller/adapters/bmc/bmc-access.ts';
import { libvirtBmc } from '../../../../controller/adapters/bmc/libvirt.ts';
import type { ProgramResult } from '../../../../controller/adapters/bmc/run-program.ts';
import type { Bmc } from '../../../../controller/ports/bmc.ts';
import { needsProgram } from '../../../support/needs-program.ts';
import { failsWith } from './fails-with.ts';
import { patient } from './redfish-access.ts';

describe('the power of a virtual machine by libvirt', () => {
  const access: LibvirtAccess = { kind: 'libvirt', uri: 'qemu+ssh://zdms@kvm-1/system', domain: 'web-1' };
  let bmc: Bmc;
  /** Words of each program that was run. */
  let runs: string[];
  /** How virsh ends, by what it is asked for. */
  let answers: Record<string, ProgramResult>;

  beforeEach(() => {
    runs = [];
    answers = { domstate: ended(0, 'running\n') };
    bmc = libvirtBmc(access, patient, async (program, words) => {
      runs.push([program, ...words].join(' '));
      return answers[words.at(-3) ?? ''] ?? assert.fail(`nobody expected ${words.join(' ')}`);
    });
  });

  function ended(exitCode: number | null, stdout: string, stderr = ''): ProgramResult {
    return { kind: 'ended', exitCode, stdout, stderr };
  }

  it('is asked for by the name of its domain, which is never an option', async () => {
    await bmc.readPower();

    assert.deepEqual(runs, ['virsh --quiet --connect qemu+ssh://zdms@kvm-1/system domstate --domain web-1']);
  });

  for (const state of ['running', 'idle', 'no state', 'in shutdown']) {
    it(`is cycled by one request when it is ${state}`, async () => {
      answers = { domstate: ended(0, `${state}\n`), reset: ended(0, '') };

      assert.equal(await bmc.readPower(), 'on');
      await bmc.powerCycle();

      assert.equal(runs.filter((words) => words.includes(' reset ')).length, 1);
    });
  }

  for (const state of ['paused', 'crashed', 'pmsuspended']) {
    it(`is left alone when it is ${state}`, async () => {
      answers = { domstate: ended(0, `${state}\n`) };

      assert.match(await failsWith('refused', bmc.powerCycle()), new RegExp(`web-1 of qemu.*: it is ${state}`));
    });
  }

  for (const words of [
    "Failed to reset domain 'web-1'\nerror: Requested operation is not valid: domain is not running",
    "Failed to reset domain 'web-1'\nerror: operation forbidden: read only access prevents virDomainReset",
    "Failed to reset domain 'web-1'\nerror: Timed out during operation: cannot acquire state change lock (held by monitor=x)",
    "failed to get domain 'web-1'",
  ]) {
    it(`was certainly not cycled when virsh says "${words.replaceAll('\n', ' ')}"`, async () => {
      answers['reset'] = ended(1, '', `error: ${words}\n`);

      await failsWith('refused', bmc.powerCycle());
    });
  }

  for (const words of [
    'Cannot recv data: Connection reset by peer',
    'client socket is closed',
    'internal error: what?',
  ]) {
    it(`may have been cycled when virsh says "${words}"`, async () => {
      answers['reset'] = ended(1, '', `error: Failed to reset domain 'web-1'\nerror: ${words}\n`);

      assert.match(await failsWith('unknown', bmc.powerCycle()), new RegExp(words.replace('?', '.')));
    });
  }

  it('may have been cycled when virsh was killed at the deadline', async () => {
    answers['reset'] = { kind: 'too-slow' };

    assert.match(await failsWith('unknown', bmc.powerCycle()), /no answer to reset within 20000 ms/);
  });

  it('was certainly not cycled when the hypervisor was not reached, or let nobody in', async () => {
    answers['reset'] = ended(1, '', 'error: failed to connect to the hypervisor\nerror: unable to connect\n');
    await failsWith('unreachable', bmc.powerCycle());

    answers['reset'] = ended(1, '', 'error: failed to connect to the hypervisor\nerror: authentication failed\n');
    await failsWith('refused', bmc.powerCycle());
  });

  it('is not known where virsh is not installed, or ends without a word', async () => {
    answers['domstate'] = { kind: 'not-started', detail: 'virsh is not installed here' };
    assert.match(await failsWith('unreachable', bmc.readPower()), /virsh is not installed here/);

    answers['domstate'] = ended(null, '');
    assert.match(await failsWith('unreachable', bmc.readPower()), /ended with a signal/);
  });

  it('is not guessed from an answer that nobody knows', async () => {
    answers['domstate'] = ended(0, 'toString\n');

    assert.match(await failsWith('bad-answer', bmc.readPower()), /toString/);
  });

  it('comes with no firmware service', () => {
    assert.equal(bmc.firmware, null);
  });

  describe('with the real virsh,', () => {
    before(function () {
      needsProgram(this, 'virsh');
    });

    it('is refused for a domain that nobody knows', async () => {
      const stranger = libvirtBmc({ ...access, uri: 'test:///default', domain: 'web-9' }, patient);

      assert.match(await failsWith('refused', stranger.readPower()), /failed to get domain 'web-9'/);
    });

    it('is unreachable by a URI that leads nowhere', async () => {
      const nowhere = libvirtBmc({ ...access, uri: 'qemu+unix:///system?socket=/nowhere', domain: 'web-9' }, patient);

      assert.match(await failsWith('unreachable', nowhere.powerCycle()), /No such file or directory/);
    });
  });
});
