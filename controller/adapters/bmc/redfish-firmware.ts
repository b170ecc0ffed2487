import { z } from 'zod';
import type { FirmwareItem, FirmwareService, FirmwareTask } from '../../ports/bmc.ts';
import { printable } from './printable.ts';
import { jsonIn, readResource, resourceIn, sendAction } from './redfish-client.ts';
import type { RedfishAnswer, RedfishConnection } from './redfish-connection.ts';
import { findInRoot, link, readMembers } from './redfish-resources.ts';

type Work = <T>(work: (connection: RedfishConnection) => Promise<T>) => Promise<T>;

/** Connections with the deadline that fits the work. */
interface Connections {
  readonly reading: Work;
  /** One request for each item of an inventory. */
  readonly readingAll: Work;
  readonly acting: Work;
}

const simpleUpdate = z.object({
  target: z.string(),
  'TransferProtocol@Redfish.AllowableValues': z.array(z.string()).optional(),
});
const updateService = z.object({
  FirmwareInventory: link.optional(),
  Actions: z.object({ '#UpdateService.SimpleUpdate': simpleUpdate.optional() }).optional(),
});
const inventoryItem = z.object({
  Id: z.string(),
  Name: z.string(),
  Version: z.string().nullish(),
  Updateable: z.boolean().nullish(),
});
/** DSP2046, schema Task: every state that it knows, by what it means to us. */
const taskStates: Readonly<Record<string, FirmwareTask['state']>> = {
  New: 'running',
  Starting: 'running',
  Running: 'running',
  Suspended: 'running',
  Interrupted: 'running',
  Pending: 'running',
  Stopping: 'running',
  Service: 'running',
  Cancelling: 'running',
  Completed: 'succeeded',
  Exception: 'failed',
  Killed: 'failed',
  Cancelled: 'failed',
};
const task = z.object({
  '@odata.id': z.string().optional(),
  TaskState: z.string(),
  TaskStatus: z.string().nullish(),
  PercentComplete: z.number().min(0).max(100).nullish(),
  Messages: z.array(z.object({ Message: z.string().nullish(), MessageId: z.string().nullish() })).nullish(),
});

/** Firmware by UpdateService.SimpleUpdate and the tasks that it begins. */
export function redfishFirmware({ reading, readingAll, acting }: Connections): FirmwareService {
  return {
    readInventory: () => readingAll(async (connection) => (await readItems(connection)).map(({ item }) => item)),
    async startUpdate(imageUrl, targets) {
      const read = targets.length === 0 ? reading : readingAll;
      const { target, body } = await read((connection) => prepareUpdate(connection, imageUrl, targets));
      return acting(async (connection) => taskIdIn(connection, await sendAction(connection, target, body)));
    },
    readTask: (id) => reading((connection) => readTask(connection, id)),
  };
}

async function readItems(
  connection: RedfishConnection,
): Promise<readonly { readonly path: string; readonly item: FirmwareItem }[]> {
  const service = await readResource(connection, await findInRoot(connection, 'UpdateService'), updateService);
  if (service.FirmwareInventory === undefined) throw connection.error('bad-answer', 'it has no FirmwareInventory');
  const items = [];
  // One after the other: management controllers do not like to be asked much at once.
  for (const path of await readMembers(connection, connection.pathOf(service.FirmwareInventory['@odata.id']))) {
    const { Id, Name, Version, Updateable } = await readResource(connection, path, inventoryItem);
    items.push({ path, item: { id: Id, name: Name, version: Version ?? '', updateable: Updateable ?? false } });
  }
  return items;
}

async function prepareUpdate(
  connection: RedfishConnection,
  imageUrl: string,
  targets: readonly string[],
): Promise<{ readonly target: string; readonly body: unknown }> {
  const service = await readResource(connection, await findInRoot(connection, 'UpdateService'), updateService);
  const action = service.Actions?.['#UpdateService.SimpleUpdate'];
  if (action === undefined) throw connection.error('refused', 'it offers no SimpleUpdate');
  if (!URL.canParse(imageUrl))
    throw connection.error('refused', `${printable(imageUrl)} is no URL to fetch an image from`);
  const protocol = new URL(imageUrl).protocol.slice(0, -1).toUpperCase();
  const allowed = action['TransferProtocol@Redfish.AllowableValues'];
  if (allowed !== undefined && !allowed.includes(protocol)) {
    throw connection.error('refused', `it fetches images by ${printable(allowed.join(', '))}, not by ${protocol}`);
  }
  const body = {
    ImageURI: imageUrl,
    // Superfluous by the specification, since the URI has it; some controllers want it all the same.
    ...(allowed !== undefined && { TransferProtocol: protocol }),
    ...(targets.length > 0 && { Targets: await pathsOf(connection, targets) }),
  };
  return { target: connection.pathOf(action.target), body };
}

async function pathsOf(connection: RedfishConnection, targets: readonly string[]): Promise<readonly string[]> {
  const paths = new Map((await readItems(connection)).map(({ path, item }) => [item.id, path]));
  return targets.map((id) => {
    const path = paths.get(id);
    if (path === undefined) throw connection.error('refused', `it has no firmware called ${id}`);
    return path;
  });
}

/** The path of the task: it is in the body, or else where the answer points to (a task monitor, or with some the task itself). */
function taskIdIn(connection: RedfishConnection, answer: RedfishAnswer): string {
  const parsed = task.safeParse(jsonIn(answer));
  const reference = (parsed.success ? parsed.data['@odata.id'] : undefined) ?? answer.location;
  try {
    if (reference !== '') return connection.pathOf(reference);
  } catch {
    // Wherever that is: the update has begun, and its task cannot be asked.
  }
  throw connection.error('unknown', 'it accepted the update, and named no task that could be asked');
}

async function readTask(connection: RedfishConnection, id: string): Promise<FirmwareTask> {
  const path = connection.pathOf(id);
  const answer = await connection.send({ method: 'GET', path });
  // A task monitor answers 202 as long as the task runs, with or without the task in it.
  if (answer.status === 202 && answer.text === '') return { state: 'running', percent: null, message: '' };
  // Then it answers what the action would have answered, which may be nothing.
  if (answer.status === 204) return { state: 'succeeded', percent: null, message: '' };
  return toTask(connection, path, resourceIn(connection, path, answer, task));
}

function toTask(connection: RedfishConnection, path: string, found: z.infer<typeof task>): FirmwareTask {
  const state = Object.hasOwn(taskStates, found.TaskState) ? taskStates[found.TaskState] : undefined;
  if (state === undefined) {
    throw connection.error('bad-answer', `${path} is in a state that is unknown: ${printable(found.TaskState)}`);
  }
  const last = found.Messages?.findLast(({ Message, MessageId }) => (Message ?? MessageId ?? '') !== '');
  return {
    // What ended in a critical condition is not done, whatever it is called.
    state: state === 'succeeded' && found.TaskStatus === 'Critical' ? 'failed' : state,
    percent: found.PercentComplete ?? null,
    message: printable(last?.Message ?? last?.MessageId ?? ''),
  };
}
