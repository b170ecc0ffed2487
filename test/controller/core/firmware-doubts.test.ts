import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Plan } from '../../../controller/core/plan.ts';
import { failed, Journey, planForOne } from '../../support/journey.ts';
import { shop } from '../../support/world-of.ts';

const undoShop = { ...shop, policy: { ...shop.policy, onFailure: 'undo' as const } };
const bios = { device: 'b'.repeat(40), name: 'System Firmware', from: '7', version: '8', sha256: null };

function planWithFirmware(): Plan {
  const plan = planForOne({ fleet: undoShop });
  return { ...plan, hosts: plan.hosts.map((host) => ({ ...host, firmware: [{ ...bios, needsReboot: true }] })) };
}

function stateAfter(step: 'apply' | 'verify', code: string, plan: Plan): string {
  const journey = new Journey(plan);
  journey.continueTo(step);
  journey.finishAll(step, failed(code));
  journey.decide();
  return journey.host().state.kind;
}

describe('a host that is to be undone when it fails', () => {
  for (const code of ['firmware-failed', 'firmware-unknown', 'interrupted'])
    it(`is held all the same after ${code}: nobody knows what its device runs`, () => {
      assert.equal(stateAfter('apply', code, planWithFirmware()), 'held');
      assert.equal(stateAfter('verify', code, planWithFirmware()), 'held');
    });

  it('is undone where its firmware is not in doubt, or where it gets none', () => {
    assert.equal(stateAfter('apply', 'package-script-failed', planWithFirmware()), 'out');
    assert.equal(stateAfter('apply', 'interrupted', planForOne({ fleet: undoShop })), 'out');
  });
});
