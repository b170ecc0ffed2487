import { z } from 'zod';
import type { FirmwareChange, WantedFirmware } from '../core/firmware.ts';
import type { YamlFile } from './yaml-file.ts';

/** The same as on the SSH wire; config may not import the wires, a test holds them together. */
export const firmwareVersionPattern = /^[0-9A-Za-z][0-9A-Za-z.+~^_:-]{0,127}$/;
/** An id, or a name as fwupd tells it. */
const devicePattern = /^\S(.{0,98}\S)?$/u;
const devicesMax = 50;

const wanted = z
  .strictObject({
    device: z.string().regex(devicePattern),
    version: z.string().regex(firmwareVersionPattern).optional(),
  })
  .transform(({ device, version }): WantedFirmware => ({ device, version: version ?? null }));

/** Firmware of a change: whatever is on offer, or devices. */
export const wantedFirmware = z.union([z.literal('pending'), z.array(wanted).min(1).max(devicesMax)]);

/** `pending`, or a list by its own schema, so that the line of the wrong entry is known. Absent: none. */
export function readFirmware(yaml: YamlFile, firmware: unknown): FirmwareChange | undefined {
  if (firmware === undefined || firmware === 'pending') return firmware;
  const found = yaml.parse(z.array(wanted).min(1).max(devicesMax), firmware, ['firmware']) ?? [];
  for (const [index, { device }] of found.entries())
    if (found.findIndex((other) => other.device === device) < index)
      yaml.add(['firmware', index, 'device'], `${device} is there twice`);
  return found;
}
