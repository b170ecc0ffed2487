import type { Inventory } from '../../../controller/core/inventory.ts';
import type { Host } from '../../../controller/core/fleet.ts';
import type { Machine } from './simulated-host.ts';
import { nothingClosed } from '../world-of.ts';
import type { SimulatedChassis } from './simulated-chassis.ts';

/** What the repositories of the simulated hosts have. */
const offered: Readonly<Record<string, readonly string[]>> = {
  zdemo: ['1.0.0', '1.1.0', '1.2.0'],
  zlib: ['2.0.0', '2.1.0'],
  'linux-image': ['6.1', '6.2'],
};

/** What a survey looks at; a SimulatedHost is one. */
export interface Surveyed {
  readonly bootId: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly chassis?: SimulatedChassis;
  readonly parts: { readonly host: Host; readonly machine: Pick<Machine, 'os' | 'hardwareModel'> };
}

/** What a survey of each host would say at this moment. */
export function trueInventory(hosts: Iterable<Surveyed>, at: number): Inventory {
  return Array.from(hosts, ({ bootId, versions, chassis, parts: { host, machine } }) => ({
    host,
    ...(chassis === undefined ? {} : { machine: { kind: 'read' as const, items: chassis.items } }),
    report: {
      ...{
        receivedAt: at,
        bootId,
        agentVersion: '0.1.0',
        kernel: '6.1',
        os: machine.os,
        hardwareModel: machine.hardwareModel,
      },
      ...{ failedUnits: [], labels: host.labels },
      survey: {
        ...{ surveyedAt: at, rebootNeeded: false, rebootReasons: [], error: '' },
        packages: Object.entries(versions).map(([name, installed]) => ({
          ...{ name, installed, held: false, candidate: offered[name]?.at(-1) ?? installed },
          offers: (offered[name] ?? []).map((version) => ({
            ...{ version, sha256: 'a'.repeat(64), downloadBytes: 1000, security: false, ...nothingClosed },
          })),
        })),
      },
    },
  }));
}
