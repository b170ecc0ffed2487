import { z } from 'zod';
import type { FirmwareChange, WantedFirmware } from '../core/firmware.ts';
import type { YamlFile } from './yaml-file.ts';

/** The same as on the SSH wire; config may not import the wires, a test holds them together. */
export const firmwareVersionPattern = /^[0-9A-Za-z][0-9A-Za-z.+~^_:-]{0,127}$/;
/** An id, or a name as fwupd or a management controller tells it; these write versions in any words, too. */
const wordsPattern = /^\S(.{0,98}\S)?$/u;
const devicesMax = 50;
const imageLengthMax = 2000;

const device = z.string().regex(wordsPattern);
const ofHost = z
  .strictObject({ device, version: z.string().regex(firmwareVersionPattern).optional() })
  .transform(({ device, version }): WantedFirmware => ({ device, version: version ?? null }));
const ofMachine = z.strictObject({
  device,
  version: z.string().regex(wordsPattern),
  image: z.url({ protocol: /^https?$/ }).max(imageLengthMax),
});

/** Firmware of a change: whatever is on offer, or devices. */
export const wantedFirmware = z.union([
  z.literal('pending'),
  z
    .array(z.union([ofHost, ofMachine]))
    .min(1)
    .max(devicesMax),
]);

/** `pending`, or a list, each entry by its own schema, so that the line of a wrong one is known. Absent: none. */
export function readFirmware(yaml: YamlFile, firmware: unknown): FirmwareChange | undefined {
  if (firmware === undefined || firmware === 'pending') return firmware;
  const entries = yaml.parse(z.array(z.unknown()).min(1).max(devicesMax), firmware, ['firmware']) ?? [];
  const found = entries.flatMap((entry, index): readonly WantedFirmware[] => {
    const wanted = yaml.parse(hasImage(entry) ? ofMachine : ofHost, entry, ['firmware', index]);
    return wanted === null ? [] : [wanted];
  });
  for (const [index, { device }] of found.entries())
    if (found.findIndex((other) => other.device === device) < index)
      yaml.add(['firmware', index, 'device'], `${device} is there twice`);
  return found;
}

function hasImage(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'image' in entry;
}
