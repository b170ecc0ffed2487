import { readFileSync, writeFileSync } from 'node:fs';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabHost, Topology } from '../topology.ts';
import type { VirtualSystems } from '../virtual-machines/virtual-systems.ts';
import type { HostSystems } from './host-system.ts';
import { STATE_FILE } from './lab-layout.ts';

/** What later calls need to know of a lab that is up. Written and read by this checkout only. */
export interface LabState {
  readonly topology: Topology;
  readonly systems: HostSystems | VirtualSystems;
}

export function writeState(state: LabState): void {
  writeFileSync(STATE_FILE, JSON.stringify(state));
}

/** Throws ZDMS_LAB_NOT_UP. */
export function readState(): LabState {
  try {
    return JSON.parse(readFileSync(STATE_FILE, 'utf8')) as LabState;
  } catch {
    throw new ZdmsError('ZDMS_LAB_NOT_UP', 'no lab of this checkout is up', './scripts/lab up');
  }
}

/** Throws ZDMS_LAB_NOT_UP, ZDMS_LAB_HOST_UNKNOWN. */
export function findHost(name: string): LabHost {
  const { hosts } = readState().topology;
  const host = hosts.find((candidate) => candidate.name === name);
  if (host) return host;
  throw new ZdmsError(
    'ZDMS_LAB_HOST_UNKNOWN',
    `the lab has no host '${name}'`,
    `it has ${hosts.map((one) => one.name).join(' ')}`,
  );
}
