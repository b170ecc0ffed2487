import type { FirmwareTaskState, MachineState } from './machine-state.ts';
import type { RedfishFault } from './redfish-faults.ts';

const DOWNLOAD_DEADLINE_MS = 10_000;
const MEGABYTE = 1_048_576;

/** An image that a simulated management controller installs: which firmware, in which version, and something to transport. */
export function firmwareImage(id: string, version: string): string {
  return `${id} ${version}\n${'firmware '.repeat(1000)}`;
}

export interface UpdateOrder {
  readonly imageUrl: string;
  /** Ids; empty: whatever the image is for. */
  readonly targets: readonly string[];
  readonly activation: 'at-once' | 'after-reset';
  readonly fault: RedfishFault | null;
  readonly signal: AbortSignal;
}

/** Fetches the image and installs it; the task tells how it went. Never rejects. */
export async function updateFirmware(state: MachineState, task: FirmwareTaskState, order: UpdateOrder): Promise<void> {
  try {
    const [id, version] = await fetchImage(order);
    const { fault } = order;
    task.percent = 50;
    if (fault?.kind === 'task-hangs') return;
    if (fault?.kind === 'task-exception') throw new Error(fault.message);
    install(state, id, fault?.kind === 'wrong-version' ? fault.version : version, order);
    end(task, 'Completed', 'The update is complete.');
  } catch (error) {
    end(task, 'Exception', error instanceof Error ? error.message : String(error));
  }
}

async function fetchImage({ imageUrl, signal }: UpdateOrder): Promise<readonly [string, string]> {
  const response = await fetch(imageUrl, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_DEADLINE_MS)]),
  });
  if (response.status !== 200) throw new Error(`The image could not be fetched: status ${response.status}.`);
  const text = await response.text();
  const [, id, version] = /^([\w.-]+) (\S+)\n/.exec(text) ?? [];
  if (id === undefined || version === undefined || text.length > MEGABYTE)
    throw new Error('The image is not one of ours.');
  return [id, version];
}

function install(state: MachineState, id: string, version: string, { targets, activation }: UpdateOrder): void {
  const item = state.firmware.get(id);
  if (item === undefined || (targets.length > 0 && !targets.includes(id))) throw new Error(`The image is for ${id}.`);
  if (!item.updateable) throw new Error(`${id} cannot be updated.`);
  if (activation === 'at-once') item.version = version;
  else item.waiting = version;
}

function end(task: FirmwareTaskState, outcome: 'Completed' | 'Exception', message: string): void {
  task.state = outcome;
  task.percent = 100;
  task.message = message;
}
