import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { runProgram } from './run-program.ts';
import type { InstallTarget } from './install-target.ts';
import { destinationOf, sshArguments } from './ssh-configuration.ts';
import type { SshConfiguration, SshOptions } from './ssh-configuration.ts';

const SCAN_DEADLINE_MS = 20_000;
const SCAN_TIMEOUT_SECONDS = '10';
const LOOK_UP_DEADLINE_MS = 10_000;

/** The only kind that zdms pins: every sshd of the last ten years has one. */
const KEY_TYPE = 'ssh-ed25519';

/** A line of known_hosts without its host names. */
export interface KnownKey {
  readonly marker: '@revoked' | '@cert-authority' | null;
  /** "ssh-ed25519 AAAA..." */
  readonly key: string;
}

/** What known_hosts says of the key that a host showed. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

/**
 * The key that the host shows now: "ssh-ed25519 AAAA...". By ssh itself, which goes through whatever proxy leads there, and which stops
 * before it shows a key of the operator's. Throws ZdmsError ZDMS_HOST_UNREACHABLE.
 */
export async function scanHostKey(target: InstallTarget, ssh: SshOptions, signal: AbortSignal): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'zdms-scan-'));
  const file = join(directory, 'known_hosts');
  try {
    const argv = [
      'ssh',
      '-T',
      ...scanOptions(file),
      ...sshArguments(target.port, ssh),
      '--',
      destinationOf(target),
      'true',
    ];
    const { stderr } = await runProgram(argv, { deadlineMs: SCAN_DEADLINE_MS, signal });
    const [shown] = parseKnownHosts(await readFile(file, 'utf8').catch(() => ''));
    if (shown !== undefined) return shown.key;
    throw new ZdmsError(
      'ZDMS_HOST_UNREACHABLE',
      `${destinationOf(target)} shows no ${KEY_TYPE} host key: ${stderr.trim().split('\n').at(-1) ?? ''}`,
      'Check address and port, and that sshd runs there; --via BASTION where it is not reached directly.',
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Accepts any key, into a file of its own, and authenticates by nothing. */
function scanOptions(knownHosts: string): string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'HashKnownHosts=no',
    `HostKeyAlgorithms=${KEY_TYPE}`,
    'UpdateHostKeys=no',
    'PreferredAuthentications=none',
    'ControlPath=none',
    `ConnectTimeout=${SCAN_TIMEOUT_SECONDS}`,
  ];
  return options.flatMap((option) => ['-o', option]);
}

/** All that the operator's known_hosts files hold about a host, whatever the type; hashed names are found too. */
export async function findKnownKeys(
  { knownAs, knownHostsFiles }: SshConfiguration,
  signal: AbortSignal,
): Promise<readonly KnownKey[]> {
  const found: KnownKey[] = [];
  for (const file of knownHostsFiles.filter((path) => existsSync(path))) {
    const argv = ['ssh-keygen', '-F', knownAs, '-f', file];
    const { stdout } = await runProgram(argv, { deadlineMs: LOOK_UP_DEADLINE_MS, signal });
    found.push(...parseKnownHosts(stdout));
  }
  return found;
}

/** Lines of known_hosts, comments left out. */
export function parseKnownHosts(text: string): readonly KnownKey[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const words = line.trim().split(/\s+/);
    const marker = words[0] === '@revoked' || words[0] === '@cert-authority' ? words[0] : null;
    const [, type, blob] = marker === null ? words : words.slice(1);
    return type === undefined || blob === undefined ? [] : [{ marker, key: `${type} ${blob}` }];
  });
}

/** Only keys of the same type are compared: a host has one of each. */
export function judgeHostKey(shown: string, known: readonly KnownKey[]): HostKeyVerdict {
  if (known.some(({ marker, key }) => marker === '@revoked' && key === shown)) return 'revoked';
  const plain = known.filter(({ marker, key }) => marker === null && key.startsWith(`${KEY_TYPE} `));
  if (plain.some(({ key }) => key === shown)) return 'known';
  return plain.length > 0 ? 'changed' : 'unknown';
}

/** As ssh shows it: "SHA256:..." of "ssh-ed25519 AAAA...". */
export function fingerprintOf(key: string): string {
  const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
