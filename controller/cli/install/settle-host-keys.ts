import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mapLimited } from '../../../lib/map-limited.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { tableText } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { findKnownKeys, fingerprintOf, judgeHostKey, scanHostKey } from './host-key.ts';
import type { HostKeyVerdict } from './host-key.ts';
import type { HostToInstall } from './install-host.ts';
import type { InstallTarget } from './install-target.ts';
import { destinationOf, readSshConfiguration } from './ssh-configuration.ts';
import type { HostAccess } from './host-access.ts';

/** How new host keys are to be treated. */
export interface HostKeyPolicy {
  readonly acceptNew: boolean;
  /** Accepted without a question: "SHA256:...". */
  readonly fingerprints: readonly string[];
}

/** Hosts whose keys are settled, and those that are out of the question. */
export interface SettledHosts {
  readonly hosts: readonly HostToInstall[];
  readonly failures: readonly HostFailure[];
}

/** One host that could not be installed, and why. */
export interface HostFailure {
  readonly id: string;
  readonly error: ZdmsError;
}

/** A host with the key that it shows, and what known_hosts says of that. */
export interface ScannedHost extends HostToInstall {
  readonly verdict: HostKeyVerdict;
}

/** What came of a look at the keys of all targets. */
export interface ScannedHosts {
  readonly hosts: readonly ScannedHost[];
  readonly failures: readonly HostFailure[];
}

/** Looks at the host keys of all targets, and compares them with known_hosts. */
export async function scanHosts(
  targets: readonly InstallTarget[],
  access: HostAccess,
  parallel: number,
): Promise<ScannedHosts> {
  const looks = await mapLimited(targets, parallel, (target) => scanOrFail(target, access));
  return {
    hosts: looks.flatMap((look) => ('error' in look ? [] : [look])),
    failures: looks.flatMap((look) => ('error' in look ? [look] : [])),
  };
}

/** Asks once about all keys that are new. What was accepted is added to known_hosts, as ssh does. */
export async function settleHostKeys(
  { hosts, failures }: ScannedHosts,
  policy: HostKeyPolicy,
  terminal: Terminal,
): Promise<SettledHosts> {
  const unknown = hosts.filter((host) => host.verdict === 'unknown' && !isNamed(host, policy));
  const trusted = unknown.length === 0 || (await trust(unknown, terminal));
  const accepted = hosts.filter((host) => trusted || !unknown.includes(host));
  for (const host of accepted) if (host.verdict === 'unknown') await remember(host);
  const refused = trusted ? [] : unknown.map(({ target, hostKey }) => ({ id: target.id, error: unknownKey(hostKey) }));
  return { hosts: accepted, failures: [...failures, ...refused] };
}

async function scanOrFail(target: InstallTarget, { ssh, signal }: HostAccess): Promise<ScannedHost | HostFailure> {
  try {
    const configuration = await readSshConfiguration(target, ssh, signal);
    const [hostKey, known] = await Promise.all([
      scanHostKey(target, ssh, signal),
      findKnownKeys(configuration, signal),
    ]);
    const verdict = judgeHostKey(hostKey, known);
    if (verdict === 'changed' || verdict === 'revoked') throw changedKey(configuration.knownAs, hostKey, verdict);
    return { target, configuration, hostKey, verdict };
  } catch (error) {
    if (error instanceof ZdmsError) return { id: target.id, error };
    throw error;
  }
}

function isNamed({ hostKey }: ScannedHost, { acceptNew, fingerprints }: HostKeyPolicy): boolean {
  return acceptNew || fingerprints.includes(fingerprintOf(hostKey));
}

async function trust(unknown: readonly ScannedHost[], terminal: Terminal): Promise<boolean> {
  const rows = unknown.map(({ target, hostKey }) => [target.id, destinationOf(target), fingerprintOf(hostKey)]);
  terminal.write(
    `Host keys that are not in your known_hosts:\n${tableText(['host', 'at', 'ed25519 fingerprint'], rows)}`,
  );
  if (!terminal.canAsk) return false;
  return terminal.ask('Are these the right ones (on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub)?');
}

async function remember({ configuration, hostKey }: ScannedHost): Promise<void> {
  const [file] = configuration.knownHostsFiles;
  if (file === undefined || file === '/dev/null' || file === 'none') return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(file, `${configuration.knownAs} ${hostKey}\n`, { mode: 0o600 });
}

function unknownKey(hostKey: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_HOST_KEY_UNKNOWN',
    `its host key ${fingerprintOf(hostKey)} is not in your known_hosts`,
    'Compare it on the host, then say --fingerprint SHA256:... (or --accept-new to trust the network).',
  );
}

function changedKey(knownAs: string, hostKey: string, verdict: 'changed' | 'revoked'): ZdmsError {
  const what = verdict === 'revoked' ? 'has been revoked' : 'is not the one in your known_hosts';
  return new ZdmsError(
    'ZDMS_HOST_KEY_CHANGED',
    `the host key ${fingerprintOf(hostKey)} of ${knownAs} ${what}`,
    `Find out why. If the host was set up anew: ssh-keygen -R '${knownAs}', then run it again.`,
  );
}
