import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { CHECKOUT, MARKER_FILE, RUN_DIRECTORY } from './lab-layout.ts';

// The marker is written before anything else of a lab exists and removed after everything else is gone,
// so that a crashed run can be cleared by any later run, from any checkout.

const processSchema = z.object({ pid: z.number(), startTime: z.string() });
const markerSchema = z.object({
  checkout: z.string(),
  runDirectory: z.string(),
  machineBootId: z.string(),
  /** The process that needs the lab; null for a lab that was left up on purpose. A pid alone could be another process by now. */
  owner: processSchema.nullable(),
  broughtNamespaceDirectory: z.boolean(),
});

export type Marker = Readonly<z.infer<typeof markerSchema>>;
/** `free`: no lab. `owned`: a living process uses it. `kept`: left up on purpose. `leftover`: its owner or its machine's boot is gone. */
export type LabOccupation = 'free' | 'owned' | 'kept' | 'leftover';

export function readMarker(): Marker | null {
  try {
    return markerSchema.parse(JSON.parse(readFileSync(MARKER_FILE, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new ZdmsError(
      'ZDMS_LAB_MARKER_BROKEN',
      `${MARKER_FILE} is not readable: ${String(error)}`,
      'remove it when no lab runs on this machine',
    );
  }
}

export function occupationOf(marker: Marker | null): LabOccupation {
  if (marker === null) return 'free';
  if (marker.machineBootId !== machineBootId()) return 'leftover';
  if (marker.owner === null) return 'kept';
  return startTimeOf(marker.owner.pid) === marker.owner.startTime ? 'owned' : 'leftover';
}

/** Claims the machine's only lab for this process. Returns false when another process was first. */
export function claimMarker(broughtNamespaceDirectory: boolean): boolean {
  const owner = { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
  const marker: Marker = {
    checkout: CHECKOUT,
    runDirectory: RUN_DIRECTORY,
    machineBootId: machineBootId(),
    owner,
    broughtNamespaceDirectory,
  };
  try {
    writeFileSync(MARKER_FILE, JSON.stringify(marker), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The lab stays up when this process ends. */
export function keepLab(): void {
  const marker = readMarker();
  if (marker === null) return;
  writeFileSync(`${MARKER_FILE}.next`, JSON.stringify({ ...marker, owner: null }));
  renameSync(`${MARKER_FILE}.next`, MARKER_FILE);
}

export function removeMarker(): void {
  rmSync(MARKER_FILE, { force: true });
}

/** True when the marker's owner is this very process. */
export function isOwnedByUs(marker: Marker): boolean {
  return marker.owner?.pid === process.pid;
}

function machineBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** When a process started, in clock ticks since boot; undefined when there is none. The name in parentheses may hold spaces. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // Field 22 of the line; the first two end with the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
