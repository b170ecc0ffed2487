/** What a Redfish service of one machine shows: pure functions of its state. Schemas of DSP8010 2020.4. */
import type { FirmwareTaskState, MachineState } from './machine-state.ts';

export type Resource = Readonly<Record<string, unknown>>;

export const RESET_TARGET = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset';
export const UPDATE_TARGET = '/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate';

const HEALTHY = { State: 'Enabled', Health: 'OK' };

/** The resource at a path without a slash at its end; null: there is none. */
export function resourceAt(path: string, state: MachineState): Resource | null {
  const fixed = fixedResources[path];
  if (fixed !== undefined) return { '@odata.id': path, ...fixed(state) };
  const [, folder = '', id = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  if (folder === '/redfish/v1/UpdateService/FirmwareInventory') return softwareItem(id, state);
  if (folder === '/redfish/v1/TaskService/Tasks') return taskWith(id, state);
  return null;
}

const fixedResources: Readonly<Record<string, (state: MachineState) => Resource>> = {
  '/redfish/v1': () => ({
    '@odata.id': '/redfish/v1/',
    '@odata.type': '#ServiceRoot.v1_9_0.ServiceRoot',
    Id: 'RootService',
    Name: 'Root Service',
    RedfishVersion: '1.11.0',
    UUID: '92384634-2938-2342-8820-489239905423',
    Systems: linkTo('/redfish/v1/Systems'),
    UpdateService: linkTo('/redfish/v1/UpdateService'),
    Tasks: linkTo('/redfish/v1/TaskService'),
    Links: { Sessions: linkTo('/redfish/v1/SessionService/Sessions') },
  }),
  '/redfish/v1/Systems': ({ systems }) => ({
    '@odata.type': '#ComputerSystemCollection.ComputerSystemCollection',
    Name: 'Computer System Collection',
    ...membersOf('/redfish/v1/Systems', systems),
  }),
  '/redfish/v1/Systems/1': ({ power, resetTypes }) => ({
    '@odata.type': '#ComputerSystem.v1_13_0.ComputerSystem',
    Id: '1',
    Name: 'Machine of a test',
    SystemType: 'Physical',
    UUID: '38947555-7742-3448-3784-823347823834',
    PowerState: power,
    Status: HEALTHY,
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      BootSourceOverrideMode: 'UEFI',
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Hdd'],
    },
    Actions: {
      '#ComputerSystem.Reset': { target: RESET_TARGET, 'ResetType@Redfish.AllowableValues': resetTypes },
    },
  }),
  '/redfish/v1/UpdateService': () => ({
    '@odata.type': '#UpdateService.v1_8_0.UpdateService',
    Id: 'UpdateService',
    Name: 'Update Service',
    ServiceEnabled: true,
    Status: HEALTHY,
    FirmwareInventory: linkTo('/redfish/v1/UpdateService/FirmwareInventory'),
    Actions: {
      '#UpdateService.SimpleUpdate': {
        target: UPDATE_TARGET,
        'TransferProtocol@Redfish.AllowableValues': ['HTTP'],
      },
    },
  }),
  '/redfish/v1/UpdateService/FirmwareInventory': ({ firmware }) => ({
    '@odata.type': '#SoftwareInventoryCollection.SoftwareInventoryCollection',
    Name: 'Firmware Inventory Collection',
    ...membersOf('/redfish/v1/UpdateService/FirmwareInventory', [...firmware.keys()]),
  }),
  '/redfish/v1/TaskService': () => ({
    '@odata.type': '#TaskService.v1_1_5.TaskService',
    Id: 'TaskService',
    Name: 'Task Service',
    ServiceEnabled: true,
    CompletedTaskOverWritePolicy: 'Oldest',
    Status: HEALTHY,
    Tasks: linkTo('/redfish/v1/TaskService/Tasks'),
  }),
  '/redfish/v1/TaskService/Tasks': ({ tasks }) => ({
    '@odata.type': '#TaskCollection.TaskCollection',
    Name: 'Task Collection',
    ...membersOf('/redfish/v1/TaskService/Tasks', [...tasks.keys()]),
  }),
};

function softwareItem(id: string, { firmware }: MachineState): Resource | null {
  const item = firmware.get(id);
  if (item === undefined) return null;
  return {
    '@odata.id': `/redfish/v1/UpdateService/FirmwareInventory/${id}`,
    '@odata.type': '#SoftwareInventory.v1_4_0.SoftwareInventory',
    Id: id,
    Name: item.name,
    Version: item.version,
    Updateable: item.updateable,
    Status: HEALTHY,
  };
}

function taskWith(id: string, { tasks }: MachineState): Resource | null {
  const task = tasks.get(id);
  return task === undefined ? null : taskResource(id, task);
}

export function taskResource(id: string, { state, percent, message }: FirmwareTaskState): Resource {
  return {
    '@odata.id': `/redfish/v1/TaskService/Tasks/${id}`,
    '@odata.type': '#Task.v1_5_0.Task',
    Id: id,
    Name: `Task ${id}`,
    TaskState: state,
    TaskStatus: state === 'Exception' ? 'Critical' : 'OK',
    TaskMonitor: monitorPath(id),
    PercentComplete: percent,
    Messages: message === '' ? [] : [{ MessageId: 'Base.1.8.GeneralError', Message: message, Severity: 'OK' }],
  };
}

export function monitorPath(taskId: string): string {
  return `/redfish/v1/TaskService/TaskMonitors/${taskId}`;
}

/** DSP0266, section "Error responses". */
export function errorResource(message: string): Resource {
  return {
    error: {
      code: 'Base.1.8.GeneralError',
      message: 'See the extended information.',
      '@Message.ExtendedInfo': [
        {
          '@odata.type': '#Message.v1_1_1.Message',
          MessageId: 'Base.1.8.GeneralError',
          Message: message,
          MessageSeverity: 'Critical',
          Resolution: 'None.',
        },
      ],
    },
  };
}

function linkTo(path: string): Resource {
  return { '@odata.id': path };
}

function membersOf(path: string, ids: readonly string[]): Resource {
  return { Members: ids.map((id) => linkTo(`${path}/${id}`)), 'Members@odata.count': ids.length };
}
