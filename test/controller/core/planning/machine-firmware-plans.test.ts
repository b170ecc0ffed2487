import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../../controller/core/change.ts';
import type { MachineInventory, WantedFirmware } from '../../../../controller/core/firmware.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import type { PlanBody } from '../../../../controller/core/plan.ts';
import { inventoryOf, noon, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

const image = 'http://firmware.example/bios-2';
const bios: WantedFirmware = { device: 'BIOS', version: '2', image };
const told: MachineInventory = {
  kind: 'read',
  items: [
    { id: 'BIOS', name: 'System BIOS', version: '1', updateable: true },
    { id: 'PSU', name: 'Power Supply', version: '1', updateable: false },
  ],
};

function planFor(
  firmware: readonly WantedFirmware[],
  machine: MachineInventory = told,
  more: Partial<Change> = {},
): PlanBody {
  const inventory = inventoryOf(shopHosts).map((entry) => ({ ...entry, machine }));
  const change: Change = { ...upgrade, packages: [], reboot: 'ifNeeded', firmware, atOnce: 1, ...more };
  return makePlan(shop, inventory, change, noon);
}

function reason({ leftOut }: PlanBody) {
  return leftOut.find(({ host }) => host === 'web-1')?.reason;
}

describe('a plan that brings firmware by management controllers', () => {
  it('has for each device what it has, what it gets and from where, and a step of its own for it', () => {
    for (const device of ['BIOS', 'System BIOS']) {
      const [host] = planFor([{ ...bios, device }]).hosts;
      assert.deepEqual(host?.firmware, [
        { device: 'BIOS', name: 'System BIOS', from: '1', version: '2', sha256: null, image, needsReboot: true },
      ]);
      assert.deepEqual(host.steps.slice(4, 8), ['apply', 'updateFirmware', 'reboot', 'verify']);
    }
  });

  it('has a device once that the change names by its id and by its name', () => {
    const [host] = planFor([bios, { ...bios, device: 'System BIOS', version: '3' }]).hosts;
    assert.deepEqual(
      host?.firmware?.map(({ version }) => version),
      ['2'],
    );
  });

  it('may do without a boot, which nobody can tell before', () => {
    const [host] = planFor([bios], told, { reboot: 'never' }).hosts;
    assert.deepEqual(host?.steps.slice(4, 7), ['apply', 'updateFirmware', 'verify']);
  });

  it('leaves out a host that has it, that no controller was asked of, or whose device cannot be updated', () => {
    assert.deepEqual(reason(planFor([{ ...bios, version: '1' }])), { code: 'nothing-to-do' });
    assert.deepEqual(reason(planFor([bios], { kind: 'not-read', detail: 'no route' })), {
      ...{ code: 'machine-not-read', detail: 'no route' },
    });
    assert.equal(reason(planFor([bios, { device: 'PSU', version: '2', image }]))?.code, 'firmware-not-updateable');
    assert.equal(reason(planFor([{ ...bios, device: 'NIC' }]))?.code, 'firmware-not-offered');
  });

  it('asks nobody for what the hosts write themselves', () => {
    assert.equal(reason(planFor([{ device: 'BIOS', version: null }]))?.code, 'firmware-not-offered');
  });
});
