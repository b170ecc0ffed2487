import { mapLimited } from '../../lib/map-limited.ts';
import type { Change } from '../core/change.ts';
import { type MachineInventory, wantsMachineFirmware } from '../core/firmware.ts';
import { type HostId, selectHosts } from '../core/fleet.ts';
import type { Inventory } from '../core/inventory.ts';
import { type Bmc, BmcError } from '../ports/bmc.ts';
import type { Executors } from './executors.ts';

/** Management controllers do not know of each other, and each answers slowly. */
const atOnce = 64;
/** Shorter than an operator waits for a plan. */
const deadlineMs = 45_000;

type Machines = Pick<Executors, 'bmcOf' | 'clock'>;

/** The inventory with what the management controllers of these hosts tell, where the change has firmware for them. Never throws. */
export async function withMachines(inventory: Inventory, change: Change, machines: Machines): Promise<Inventory> {
  if (!wantsMachineFirmware(change.firmware)) return inventory;
  const hosts = inventory.map(({ host }) => host);
  const selected = new Set(selectHosts(change.where, hosts).map(({ id }) => id));
  const until = machines.clock.now() + deadlineMs;
  return mapLimited(inventory, atOnce, async (entry) => {
    if (!selected.has(entry.host.id)) return entry;
    return { ...entry, machine: await readInTime(entry.host.id, machines, until) };
  });
}

async function readInTime(id: HostId, { bmcOf, clock }: Machines, until: number): Promise<MachineInventory> {
  const leftMs = until - clock.now();
  if (leftMs <= 0) return notRead('its management controller was not asked in time: plan for fewer hosts at once');
  const stop = new AbortController();
  const late = clock
    .sleep(leftMs, stop.signal)
    .then(() => notRead(`its management controller did not answer within ${deadlineMs / 1000} s`));
  try {
    return await Promise.race([read(bmcOf(id)), late]);
  } finally {
    stop.abort();
  }
}

async function read(bmc: Bmc | null): Promise<MachineInventory> {
  if (bmc === null) return notRead('controller.yaml names no management controller for it');
  if (bmc.firmware === null) return notRead('its management controller speaks no Redfish');
  try {
    return { kind: 'read', items: await bmc.firmware.readInventory() };
  } catch (error) {
    if (error instanceof BmcError) return notRead(error.message);
    throw error;
  }
}

function notRead(detail: string): MachineInventory {
  return { kind: 'not-read', detail };
}
