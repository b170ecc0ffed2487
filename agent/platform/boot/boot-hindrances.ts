import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { enumerate } from '../../../lib/enumerate.ts';
import type { FailureCode } from '../../executor/codes.ts';
import type { Commands } from '../run-command.ts';
import { findLoggedIn } from './logged-in-users.ts';

/** Why this host should not be rebooted now. */
export type Hindrance = { readonly code: FailureCode; readonly message: string };

export type HindrancePaths = { readonly mdstat: string; readonly crypttab: string };
const defaultPaths: HindrancePaths = { mdstat: '/proc/mdstat', crypttab: '/etc/crypttab' };

const TIMEOUT_MS = 30_000;
const NAMED = 5;

/**
 * Whatever speaks against a reboot: an array that is not whole, a disk that a person has to unlock, a program that forbids it, and
 * (where `sparesUsers`) people who are logged in.
 */
export async function findHindrances(
  commands: Commands,
  sparesUsers: boolean,
  paths: HindrancePaths = defaultPaths,
): Promise<readonly Hindrance[]> {
  const [mdstat, crypttab, inhibitors] = await Promise.all([
    readFile(paths.mdstat, 'utf8').catch(() => ''),
    readFile(paths.crypttab, 'utf8').catch(() => ''),
    readInhibitors(commands),
  ]);
  const degraded = degradedArrays(mdstat);
  const loggedIn = sparesUsers ? await findLoggedIn(commands) : [];
  const attended = await attendedOf(commands, attendedVolumes(crypttab));
  return [
    ...hindrance('raid-degraded', degraded, 'not whole, and a boot is the worst moment for it: repair it first'),
    ...hindrance(
      'unlock-attended',
      attended,
      'a person would have to unlock it at each boot: bind it to a TPM or to Tang',
    ),
    ...hindrance('reboot-inhibited', inhibitors, 'see `systemd-inhibit --list` there'),
    ...hindrance(
      'users-logged-in',
      loggedIn,
      'the policy leaves a host alone while people are logged in: ask them to leave',
    ),
  ];
}

function hindrance(code: FailureCode, names: readonly string[], what: string): readonly Hindrance[] {
  return names.length === 0 ? [] : [{ code, message: `${enumerate(names, NAMED)}: ${what}` }];
}

/** Arrays of /proc/mdstat of which a member is missing or being rebuilt: `[U_]`, `recovery = ...`. */
export function degradedArrays(mdstat: string): readonly string[] {
  return mdstat.split(/\n(?=md\S+ :)/).flatMap((block) => {
    const name = /^(md\S+) :/m.exec(block)?.[1];
    const isWhole = !/\[[U_]*_[U_]*\]/.test(block) && !/\b(recovery|reshape)\s*=/.test(block);
    return name === undefined || isWhole ? [] : [name];
  });
}

export type Volume = { readonly name: string; readonly device: string };

/** Volumes of /etc/crypttab that ask for a passphrase at boot: no key file, no token, not left out of the boot. */
export function attendedVolumes(crypttab: string): readonly Volume[] {
  return crypttab.split('\n').flatMap((line) => {
    const [name = '', device = '', key = 'none', options = ''] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#')) return [];
    const opensItself = /(^|,)(tpm2-device|pkcs11-uri|keyscript|_netdev|noauto|nofail)\b/.test(options);
    return (key === 'none' || key === '-') && !opensItself ? [{ name, device }] : [];
  });
}

/** Without those that Clevis opens by a TPM or Tang: crypttab says nothing of it. */
async function attendedOf(commands: Commands, volumes: readonly Volume[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, device } of volumes) {
    const argv = ['clevis', 'luks', 'list', '-d', devicePath(device)];
    const { exitCode, stdout } = await commands.run(argv, { timeoutMs: TIMEOUT_MS });
    if (exitCode !== 0 || stdout.trim() === '') names.push(name);
  }
  return names;
}

/** crypttab names devices as fstab does. */
function devicePath(device: string): string {
  const [, by = '', name] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/.exec(device) ?? [];
  return name === undefined ? device : `/dev/disk/by-${by.toLowerCase()}/${name}`;
}

/** As busctl prints a(ssssuu): what, who, why, mode, uid, pid. */
const listed = z.object({
  data: z.tuple([z.array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.number(), z.number()]))]),
});
const ask = [
  ...['busctl', '--json=short', 'call', 'org.freedesktop.login1', '/org/freedesktop/login1'],
  ...['org.freedesktop.login1.Manager', 'ListInhibitors'],
];

/** Programs that forbid a shutdown; those that only delay one are waited for by systemd itself. */
async function readInhibitors(commands: Commands): Promise<readonly string[]> {
  const { exitCode, stdout } = await commands.run(ask, { timeoutMs: TIMEOUT_MS });
  // A host without logind has nobody who could forbid it.
  return exitCode === 0 ? parseInhibitors(stdout) : [];
}

/** `WHO (WHY)` of each that blocks a shutdown. Throws what zod and JSON throw. */
export function parseInhibitors(text: string): readonly string[] {
  const [inhibitors] = listed.parse(JSON.parse(text)).data;
  return inhibitors
    .filter(([what, , , mode]) => what.split(':').includes('shutdown') && mode === 'block')
    .map(([, who, why]) => `${who} (${why})`);
}
