import { z } from 'zod';
import type { Bmc, PowerState } from '../../ports/bmc.ts';
import type { RedfishAccess } from './bmc-access.ts';
import type { BmcDeadlines } from './deadlines.ts';
import { printable } from './printable.ts';
import { readResource, sendAction } from './redfish-client.ts';
import { RedfishConnection } from './redfish-connection.ts';
import { redfishFirmware } from './redfish-firmware.ts';
import { findSystem } from './redfish-resources.ts';

const resetAction = z.object({
  target: z.string(),
  'ResetType@Redfish.AllowableValues': z.array(z.string()).optional(),
  '@Redfish.ActionInfo': z.string().optional(),
});
const system = z.object({
  PowerState: z.enum(['On', 'Off', 'PoweringOn', 'PoweringOff']),
  Actions: z.object({ '#ComputerSystem.Reset': resetAction }),
});
const actionInfo = z.object({
  Parameters: z.array(z.object({ Name: z.string(), AllowableValues: z.array(z.string()).optional() })),
});
type System = z.infer<typeof system>;

/** The first one that the controller allows is taken. A restart by force is the next best to taking the power away. */
const resetTypes: Readonly<Record<PowerState, readonly string[]>> = {
  on: ['PowerCycle', 'ForceRestart'],
  off: ['On', 'ForceOn'],
};

/** A management controller that speaks Redfish (DSP0266). */
export function redfishBmc(access: RedfishAccess, deadlines: BmcDeadlines): Bmc {
  return {
    readPower: () =>
      withConnection(access, deadlines.readMs, async (connection) => powerOf(await readSystem(connection, access))),
    async powerCycle() {
      const { target, resetType } = await withConnection(access, deadlines.readMs, (connection) =>
        chooseReset(connection, access),
      );
      await withConnection(access, deadlines.actMs, (connection) =>
        sendAction(connection, target, { ResetType: resetType }),
      );
    },
    firmware: redfishFirmware({
      reading: (work) => withConnection(access, deadlines.readMs, work),
      readingAll: (work) => withConnection(access, deadlines.inventoryMs, work),
      acting: (work) => withConnection(access, deadlines.actMs, work),
    }),
  };
}

async function withConnection<T>(
  access: RedfishAccess,
  deadlineMs: number,
  work: (connection: RedfishConnection) => Promise<T>,
): Promise<T> {
  const connection = new RedfishConnection(access, deadlineMs);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

async function readSystem(connection: RedfishConnection, access: RedfishAccess): Promise<System> {
  return readResource(connection, await findSystem(connection, access.system), system);
}

function powerOf({ PowerState: state }: System): PowerState {
  return state === 'On' || state === 'PoweringOff' ? 'on' : 'off';
}

async function chooseReset(
  connection: RedfishConnection,
  access: RedfishAccess,
): Promise<{ readonly target: string; readonly resetType: string }> {
  const found = await readSystem(connection, access);
  const action = found.Actions['#ComputerSystem.Reset'];
  const allowed = action['ResetType@Redfish.AllowableValues'] ?? (await resetTypesElsewhere(connection, action));
  const resetType = resetTypes[powerOf(found)].find((type) => allowed.includes(type));
  if (resetType !== undefined) return { target: connection.pathOf(action.target), resetType };
  const wanted = resetTypes[powerOf(found)].join(' or ');
  throw connection.error('refused', `it allows no reset of the type ${wanted}, only ${printable(allowed.join(', '))}`);
}

/** Services may tell in a resource of its own what an action allows. */
async function resetTypesElsewhere(
  connection: RedfishConnection,
  action: z.infer<typeof resetAction>,
): Promise<readonly string[]> {
  const reference = action['@Redfish.ActionInfo'];
  if (reference === undefined) throw connection.error('bad-answer', 'it does not say which types of reset it allows');
  const { Parameters } = await readResource(connection, connection.pathOf(reference), actionInfo);
  return Parameters.find(({ Name }) => Name === 'ResetType')?.AllowableValues ?? [];
}
