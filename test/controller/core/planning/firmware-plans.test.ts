import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../../controller/core/change.ts';
import type { FirmwareChange } from '../../../../controller/core/firmware.ts';
import type { FirmwareDevice, Inventory } from '../../../../controller/core/inventory.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import type { HostPlan, PlanBody } from '../../../../controller/core/plan.ts';
import { inventoryOf, noon, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

const bios: FirmwareDevice = {
  ...{ id: 'b'.repeat(40), name: 'System Firmware', version: '7', needsReboot: true },
  offers: [
    { version: '9', sha256: 'a'.repeat(64) },
    { version: '8', sha256: null },
  ],
};
const disk: FirmwareDevice = {
  ...{ id: 'd'.repeat(40), name: 'Disk', version: '1', needsReboot: false },
  offers: [{ version: '2', sha256: null }],
};

/** A fleet whose hosts all have these devices, but for those named. */
function inventoryWith(
  devices: readonly FirmwareDevice[],
  others: Readonly<Record<string, readonly FirmwareDevice[]>> = {},
): Inventory {
  return inventoryOf(shopHosts).map(({ host, report }) => {
    if (report === null || report.survey === null) return { host, report };
    return { host, report: { ...report, survey: { ...report.survey, firmware: others[host.id] ?? devices } } };
  });
}

function planFor(
  firmware: FirmwareChange,
  inventory = inventoryWith([bios, disk]),
  more: Partial<Change> = {},
): PlanBody {
  const change: Change = { ...upgrade, packages: [], reboot: 'ifNeeded', firmware, atOnce: 1, ...more };
  return makePlan(shop, inventory, change, noon);
}

function web1({ hosts }: PlanBody): HostPlan {
  return hosts.find(({ host }) => host === 'web-1') ?? assert.fail('web-1 is left out');
}

function reasonFor({ leftOut }: PlanBody, name: string) {
  return leftOut.find(({ host }) => host === name)?.reason;
}

const drainedAndBooted = ['preflight', 'fetch', 'takeOut', 'drain', 'apply', 'reboot', 'verify', 'undrain', 'settle'];

describe('a plan that brings firmware', () => {
  it('has the exact version and file for each device, drains the host and boots it once', () => {
    const plan = web1(planFor('pending'));

    assert.deepEqual(plan.firmware, [
      { device: bios.id, name: bios.name, from: '7', version: '9', sha256: 'a'.repeat(64), needsReboot: true },
      { device: disk.id, name: disk.name, from: '1', version: '2', sha256: null, needsReboot: false },
    ]);
    assert.deepEqual(plan.steps, drainedAndBooted);
    assert.deepEqual(plan.forecast, { kind: 'reboot', because: ['firmware of System Firmware'] });
  });

  it('has one drain and one boot for firmware and packages together', () => {
    const plan = web1(planFor('pending', inventoryWith([bios]), { packages: upgrade.packages }));

    assert.deepEqual([plan.packages.length, plan.firmware?.length], [1, 1]);
    assert.deepEqual(plan.steps, drainedAndBooted);
  });

  it('finds devices by name or id, and takes the newest where no version is said', () => {
    for (const device of [bios.name, bios.id]) {
      assert.equal(web1(planFor([{ device, version: '8' }])).firmware?.[0]?.version, '8');
      assert.equal(web1(planFor([{ device, version: null }])).firmware?.[0]?.version, '9');
    }
  });

  it('gives a device that has its version nothing, and leaves out a host of such devices alone', () => {
    const plan = planFor([{ device: bios.name, version: '7' }]);

    assert.deepEqual(plan.hosts, []);
    assert.deepEqual(reasonFor(plan, 'web-1'), { code: 'nothing-to-do' });
  });

  it('leaves out a host that is not offered that version, and one without that device', () => {
    const plan = planFor(
      [{ device: bios.name, version: '9' }],
      inventoryWith([bios], {
        'web-1': [{ ...bios, offers: [] }],
        'web-2': [disk],
      }),
    );

    const device = bios.name;
    assert.deepEqual(reasonFor(plan, 'web-1'), { code: 'firmware-not-offered', device, version: '9' });
    assert.deepEqual(reasonFor(plan, 'web-2'), { code: 'firmware-not-offered', device, version: null });
  });

  it('brings the rest to a host without that device, and warns', () => {
    const change = { packages: upgrade.packages };
    const plan = planFor([{ device: 'Battery', version: null }], inventoryWith([bios]), change);

    assert.equal(web1(plan).firmware, undefined);
    assert.match(plan.warnings.join('\n'), /no device named Battery could be updated now on .*web-1/);
  });

  it('leaves out a host whose firmware needs a boot that the change does not allow', () => {
    const never = { reboot: 'never', packages: upgrade.packages } as const;

    const plan = planFor('pending', inventoryWith([bios], { 'web-1': [disk] }), never);

    assert.deepEqual(reasonFor(plan, 'web-2'), { code: 'firmware-needs-reboot', device: bios.name });
    assert.equal(web1(plan).firmware?.length, 1);
    assert.equal(web1(plan).steps.includes('reboot'), false);
  });

  it('has nothing for hosts whose agents do not tell of firmware', () => {
    assert.deepEqual(reasonFor(planFor('pending', inventoryOf(shopHosts)), 'web-1'), { code: 'nothing-to-do' });
  });

  it('warns of models of which several hosts may be out before one has proven it, unless one is out at once', () => {
    const several = planFor('pending', inventoryWith([bios]), {
      atOnce: 2,
      stages: [{ name: 'all', pick: { kind: 'all' }, soakMs: 0 }],
    });

    assert.match(several.warnings.join('\n'), /^stage all has \d+ hosts of the model VM, and none before it/m);
    assert.deepEqual(planFor('pending', inventoryWith([bios]), { atOnce: 2 }).warnings, []);
    assert.deepEqual(planFor('pending').warnings, []);
  });
});
