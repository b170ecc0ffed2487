import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mapLimited } from '../../../lib/map-limited.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { CliContext } from '../cli-context.ts';
import { tableText } from '../terminal/table.ts';
import { findKnownKeys, fingerprintOf, judgeHostKey, scanHostKey } from './host-key.ts';
import type { HostKeyVerdict } from './host-key.ts';
import type { HostToInstall } from './install-host.ts';
import type { InstallTarget } from './install-target.ts';
import { destinationOf, readSshConfiguration } from './ssh-configuration.ts';
import type { SshOptions } from './ssh-configuration.ts';

/** How new host keys are to be treated. */
export interface HostKeyPolicy {
  readonly acceptNew: boolean;
  /** Accepted without a question: "SHA256:...". */
  readonly fingerprints: readonly string[];
}

/** What is known of the keys of all targets. */
export interface SettledHosts {
  readonly hosts: readonly HostToInstall[];
  readonly failures: readonly HostFailure[];
}

/** One host that could not be installed, and why. */
export interface HostFailure {
  readonly id: string;
  readonly error: ZdmsError;
}

interface Scan extends HostToInstall {
  readonly verdict: HostKeyVerdict;
}

export interface SettleTools {
  readonly context: CliContext;
  readonly ssh: SshOptions;
  readonly policy: HostKeyPolicy;
  readonly parallel: number;
  readonly signal: AbortSignal;
}

/**
 * Looks at the host keys of all targets, compares them with known_hosts, and asks once about all that are new. What was accepted is
 * added to known_hosts, as ssh does.
 */
export async function settleHostKeys(targets: readonly InstallTarget[], tools: SettleTools): Promise<SettledHosts> {
  const looks = await mapLimited(targets, tools.parallel, (target) => scanOrFail(target, tools));
  const failures = looks.flatMap((look) => ('error' in look ? [look] : []));
  const scans = looks.flatMap((look) => ('error' in look ? [] : [look]));
  const unknown = scans.filter((scan) => scan.verdict === 'unknown' && !isNamed(scan, tools.policy));
  const trusted = unknown.length === 0 || (await trust(unknown, tools));
  const accepted = scans.filter((scan) => trusted || !unknown.includes(scan));
  for (const scan of accepted) if (scan.verdict === 'unknown') await remember(scan);
  const refused = trusted ? [] : unknown.map(({ target, hostKey }) => ({ id: target.id, error: unknownKey(hostKey) }));
  return { hosts: accepted, failures: [...failures, ...refused] };
}

async function scanOrFail(target: InstallTarget, { ssh, signal }: SettleTools): Promise<Scan | HostFailure> {
  try {
    const configuration = await readSshConfiguration(target, ssh, signal);
    const [hostKey, known] = await Promise.all([
      scanHostKey(configuration, signal),
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

function isNamed({ hostKey }: Scan, { acceptNew, fingerprints }: HostKeyPolicy): boolean {
  return acceptNew || fingerprints.includes(fingerprintOf(hostKey));
}

async function trust(unknown: readonly Scan[], { context }: SettleTools): Promise<boolean> {
  const { terminal } = context;
  const rows = unknown.map(({ target, hostKey }) => [target.id, destinationOf(target), fingerprintOf(hostKey)]);
  terminal.write(
    `Host keys that are not in your known_hosts:\n${tableText(['host', 'at', 'ed25519 fingerprint'], rows)}`,
  );
  if (!terminal.canAsk) return false;
  return terminal.ask('Are these the right ones (on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub)?');
}

async function remember({ configuration, hostKey }: Scan): Promise<void> {
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
