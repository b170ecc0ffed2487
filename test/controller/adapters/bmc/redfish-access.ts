import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedfishAccess } from '../../../../controller/adapters/bmc/bmc-access.ts';
import type { RedfishSimulator } from '../../../support/redfish/redfish-simulator.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

export const account = { user: 'zdms', password: 'redfish-secret' };

/** What waits for something that comes, and what waits for something that never comes. */
export const patient = { readMs: 20_000, actMs: 20_000, inventoryMs: 20_000 };
export const hasty = { readMs: 300, actMs: 300, inventoryMs: 300 };

/** The way to a simulator that was started with `account`. */
export function accessTo(simulator: RedfishSimulator): RedfishAccess {
  return {
    kind: 'redfish',
    url: simulator.url,
    user: account.user,
    passwordFile: fileWith(`${account.password}\n`),
    trust: { kind: 'fingerprint', sha256: simulator.fingerprint },
    system: null,
  };
}

/** A file of the test's user alone. */
export function fileWith(text: string): string {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
