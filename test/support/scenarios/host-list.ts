import { type Host, type HostId } from '../../../controller/core/fleet.ts';
import type { Machine } from '../simulation/simulated-host.ts';

/** What a line of the list may say of the machines beside their labels. */
const machineFields = ['os', 'model'];

/** Every host has these, and can get the newer ones. */
const installed = { openssl: '3.0.16', 'linux-image': '6.1.170' };
const offers = { openssl: ['3.0.16', '3.0.17'], 'linux-image': ['6.1.170', '6.1.176'] };

/** A host as a story begins. */
export interface ListedHost {
  readonly host: Host;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Hosts by lines of `label=value ...: host host ...`. The role of a host is its name without the number, unless said.
 * `os` and `model` are of the machine and no labels.
 */
export function parseHosts(text: string): readonly ListedHost[] {
  const lines = text.split('\n').map((line) => {
    const [fields = '', ids] = line.split(':');
    if (ids === undefined) throw new Error(`hosts are "label=value ...: host host ...", not "${line}"`);
    return { fields: Object.fromEntries(fields.split(' ').filter(Boolean).map(fieldOf)), ids: ids.trim().split(/ +/) };
  });
  return lines
    .flatMap(({ fields, ids }) => ids.map((id) => ({ id, fields })))
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map(({ id, fields }, index) => listed(id, fields, index));
}

function fieldOf(text: string): readonly [string, string] {
  const [key = '', value] = text.split('=');
  if (value === undefined) throw new Error(`"${text}" is no label=value`);
  return [key, value.replaceAll('_', ' ')];
}

function listed(id: HostId, fields: Readonly<Record<string, string>>, index: number): ListedHost {
  const labels = Object.entries(fields).filter(([key]) => !machineFields.includes(key));
  return {
    host: {
      id,
      labels: Object.fromEntries([['role', id.replace(/-\d+$/, '')], ...labels]),
      address: `192.0.2.${index + 1}`,
      sshPort: 22,
      hostKey: 'ssh-ed25519 AAAA',
    },
    machine: { os: fields['os'] ?? 'Debian 12', hardwareModel: fields['model'] ?? 'VM', offers },
    versions: installed,
  };
}
