import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { runProgram } from './run-program.ts';
import type { SshConfiguration } from './ssh-configuration.ts';

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

/** The key that the host shows now: "ssh-ed25519 AAAA...". Throws ZdmsError ZDMS_HOST_UNREACHABLE. */
export async function scanHostKey({ hostname, port }: SshConfiguration, signal: AbortSignal): Promise<string> {
  const argv = ['ssh-keyscan', '-T', SCAN_TIMEOUT_SECONDS, '-t', 'ed25519', '-p', String(port), '--', hostname];
  const { stdout, stderr } = await runProgram(argv, { deadlineMs: SCAN_DEADLINE_MS, signal });
  const key = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, type]) => type === KEY_TYPE);
  if (key !== undefined) return key.slice(1, 3).join(' ').trim();
  const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  throw new ZdmsError(
    'ZDMS_HOST_UNREACHABLE',
    `${hostname} port ${port} shows no ${KEY_TYPE} host key${said.length > 0 ? ` (${said.join('; ')})` : ''}`,
    'Check address and port, and that sshd runs there.',
  );
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
