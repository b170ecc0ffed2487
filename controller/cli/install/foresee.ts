import { isDeepStrictEqual } from 'node:util';
import { mapLimited } from '../../../lib/map-limited.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import { fingerprintOf } from './host-key.ts';
import { choosePackage, installedVersion } from './install-host.ts';
import { mustSucceed } from './must-succeed.ts';
import { openRemoteHost } from './remote-host.ts';
import type { HostFailure, ScannedHost } from './settle-host-keys.ts';
import type { HostAccess } from './host-access.ts';

const LOOK_DEADLINE_MS = 30_000;

/** What an installation would do to one host, in words. */
export interface Foreseen {
  readonly id: string;
  readonly hostKey: string;
  readonly agent: string;
  readonly fleet: string;
}

/** Looks at each host as an installation would, with its login, its sudo and its dpkg, and changes nothing. */
export async function foresee(
  hosts: readonly ScannedHost[],
  enrolled: readonly HostDocument[],
  options: { readonly packageFile: string | null; readonly parallel: number },
  access: HostAccess,
): Promise<readonly (Foreseen | HostFailure)[]> {
  const known = new Map(enrolled.map((host) => [host.id, host]));
  return mapLimited(hosts, options.parallel, (host) =>
    foreseeOne(host, known.get(host.target.id) ?? null, options.packageFile, access).catch((error: unknown) => {
      if (error instanceof ZdmsError) return { id: host.target.id, error };
      throw error;
    }),
  );
}

async function foreseeOne(
  { target, configuration, hostKey, verdict }: ScannedHost,
  enrolled: HostDocument | null,
  packageFile: string | null,
  access: HostAccess,
): Promise<Foreseen> {
  const remote = await openRemoteHost(target, configuration, hostKey, access);
  try {
    const wanted = (await choosePackage(remote, packageFile)).version;
    const installed = await installedVersion(remote);
    const isRoot = await remote.runAsRoot(['true'], { deadlineMs: LOOK_DEADLINE_MS });
    mustSucceed(isRoot, 'ZDMS_SUDO_NEEDED', 'root cannot be had there', 'Log in as root, or let this user run sudo.');
    return {
      id: target.id,
      hostKey: verdict === 'known' ? 'known' : `new, ${fingerprintOf(hostKey)}`,
      agent: agentText(installed, wanted),
      fleet: fleetText(target.labels, enrolled),
    };
  } finally {
    await remote.close();
  }
}

function agentText(installed: string | null, wanted: string): string {
  if (installed === null) return `install ${wanted}`;
  return installed === wanted ? `has ${wanted}` : `${installed} -> ${wanted}`;
}

function fleetText(labels: HostDocument['labels'], enrolled: HostDocument | null): string {
  if (enrolled === null) return 'enrol';
  return isDeepStrictEqual(labels, enrolled.labels) ? 'enrol anew' : 'enrol anew, labels change';
}
